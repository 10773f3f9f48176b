-- Parts of persons who were in no release of the system yet.
select
    cast(p.system as bigint) as system, cast(p.row_cell as bigint) as row_cell, cast(p.col_cell as bigint) as col_cell,
    cast(p.has_cost as boolean) as has_cost, cast(p.person as varchar) as person, cast(p.amount_minor as bigint) as amount_minor
from agg_parts as p
left join (select distinct system, person from agg_released where person is not null) as s on p.system = s.system and p.person = s.person
where p.person is not null and s.person is null
