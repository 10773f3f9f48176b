-- Rows of two tables by their block in each: who stands behind them, and at least so many persons and so much of their
-- parts that stay whatever else is added or taken off. A person is counted where the largest part is, and only if it is
-- larger than all the others together, for then no difference can make it vanish.
with atoms as (
    select c.system, r.block as row_block, k.block as col_block, c.person, sum_exact(c.amount_minor) as amount_minor
    from agg_asked as c
    join agg_row_blocks as r on c.system = r.system and c.row_cell = r.cell
    join agg_col_blocks as k on c.system = k.system and c.col_cell = k.cell
    where c.person is not null
    group by c.system, r.block, k.block, c.person
),
sized as (
    select system, row_block, col_block, person, abs(amount_minor) as part_minor,
        sum_exact(abs(amount_minor)) over (partition by system, person) as whole_minor,
        row_number() over (partition by system, person order by abs(amount_minor) desc, row_block, col_block) as nth
    from atoms where amount_minor <> 0
)
select
    cast(system as bigint) as system,
    cast(row_block as varchar) as row_block,
    cast(col_block as varchar) as col_block,
    cast(count(*) as bigint) as persons,
    cast(sum_exact(case when nth = 1 and 2 * part_minor > whole_minor then 1 else 0 end) as bigint) as persons_min,
    cast(sum_exact(case when nth = 1 then greatest(2 * part_minor - whole_minor, 0) else 0 end) as bigint) as parts_min_minor
from sized
group by system, row_block, col_block
