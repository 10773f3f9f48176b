-- What each block of cells is: its amount, the persons behind it and the two largest of them. `agg_side` has the parts of
-- persons by cell, `agg_blocks` says which cell is in which block. A part that is zero tells of nobody.
with members as (
    select b.system, b.block, s.person, sum_exact(s.amount_minor) as amount_minor
    from agg_side as s join agg_blocks as b on s.system = b.system and s.cell = b.cell
    group by b.system, b.block, s.person
),
ranked as (
    select system, block, amount_minor, abs(amount_minor) as part_minor, person is not null and amount_minor <> 0 as is_person,
        row_number() over (
            partition by system, block order by person is not null and amount_minor <> 0 desc, abs(amount_minor) desc, person) as nth
    from members
)
select
    cast(system as bigint) as system,
    cast(block as varchar) as block,
    cast(sum_exact(amount_minor) as bigint) as amount_minor,
    cast(sum_exact(case when is_person then 1 else 0 end) as bigint) as persons,
    cast(sum_exact(case when is_person then part_minor else 0 end) as bigint) as parts_minor,
    cast(sum_exact(case when is_person and nth = 1 then part_minor else 0 end) as bigint) as first_minor,
    cast(sum_exact(case when is_person and nth = 2 then part_minor else 0 end) as bigint) as second_minor
from ranked
group by system, block
