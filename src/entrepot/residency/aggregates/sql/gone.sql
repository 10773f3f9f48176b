-- Persons of the last release of whom nothing is left. Whoever got another key looks like one who is gone and one who is new.
select cast(r.system as bigint) as system, cast(count(distinct r.person) as bigint) as persons
from agg_released as r
left join (select distinct system, person from agg_parts where person is not null) as p on r.system = p.system and r.person = p.person
where r.person is not null and r.amount_minor <> 0 and p.person is null
group by r.system
