-- The bundles of invoices and fees that hold. One invoice comes before the sum of several, for what it explains needs no sum;
-- a bundle that shares a fee or an invoice with another of its sort is doubtful, and a person decides.
with counted as (select *, count(*) over (partition by is_sum, part, item) as times from invoice_groups),
judged as (select *, max(times) over (partition by bundle) > 1 as is_shared from counted),
explained as (
    select *, max(case when not is_sum and not is_shared then 1 else 0 end) over (partition by part, item) as by_one from judged
),
needed as (
    select *, case when is_sum and max(by_one) over (partition by bundle) = 0 then 1 else 0 end as is_open_sum from explained
),
summed as (select *, sum_exact(is_open_sum) over (partition by part, item) as sums from needed),
cleared as (
    select *, case when is_open_sum = 1 and max(sums) over (partition by bundle) = 1 then 1 else 0 end as is_clear_sum from summed
),
covered as (select *, max(is_clear_sum) over (partition by part, item) as by_sum from cleared),
kept as (
    select *, max(by_sum) over (partition by bundle) as is_covered,
        case when is_sum then is_clear_sum = 0 else is_shared end as is_doubtful,
        max(issued_on) over (partition by bundle) as last_on,
        max(case when part = 'invoice' then item end) over (partition by bundle) as invoice_no
    from covered
)
select part, bundle, item, entity_id, channel, shop, month, is_doubtful, last_on as issued_on, invoice_no
from kept
where (is_sum and is_open_sum = 1) or (not is_sum and is_covered = 0)
