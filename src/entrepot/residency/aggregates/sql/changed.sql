-- What changed since the last release, by row of both tables: persons who were never in a release, others, and the company.
with now_ as (
    select system, row_cell, col_cell, coalesce(person, '') as person, sum_exact(amount_minor) as amount_minor
    from agg_parts group by system, row_cell, col_cell, coalesce(person, '')
),
then_ as (
    select system, row_cell, col_cell, coalesce(person, '') as person, sum_exact(amount_minor) as amount_minor
    from agg_released group by system, row_cell, col_cell, coalesce(person, '')
),
both_ as (
    select system, row_cell, col_cell, person, amount_minor as now_minor, 0 as then_minor from now_
    union all
    select system, row_cell, col_cell, person, 0 as now_minor, amount_minor as then_minor from then_
),
differing as (
    select system, row_cell, col_cell, person from both_
    group by system, row_cell, col_cell, person having sum_exact(now_minor) <> sum_exact(then_minor)
)
select
    cast(d.system as bigint) as system,
    cast(d.row_cell as bigint) as row_cell,
    cast(d.col_cell as bigint) as col_cell,
    cast(sum_exact(case when d.person <> '' then 1 else 0 end) as bigint) as persons
from differing as d
group by d.system, d.row_cell, d.col_cell
