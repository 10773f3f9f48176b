-- Open exceptions by kind, and how many of them the snapshot before did not have.
select
    cast(e.kind as varchar) as kind,
    cast(count(*) as bigint) as items,
    cast(sum_exact(case when b.exception_id is null then 1 else 0 end) as bigint) as new_items
from exceptions as e
left join exceptions_before as b on e.exception_id = b.exception_id
group by e.kind
