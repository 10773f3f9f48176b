-- How good each feed's data is, per day of arrival: what was counted, what of it passed, and the score of the two, rounded
-- down so that 100 means all of it: docs/reference/reports/quality.md.
with files as (
    select raw_id, format, channel, coalesce(shop, '') as shop, seen_at, cast(seen_at as date) as day from raw_files
),
told as (
    select r.raw_id, r.row_no, r.reject,
        row_number() over (partition by r.format, r.row_key, r.row_hash order by f.seen_at, r.raw_id, r.row_no) as nth
    from raw_rows as r join files as f on r.raw_id = f.raw_id
),
happened as (
    -- The newest thing that a row speaks of, and how many of the cells that reports need it fills.
    select raw_id, row_no, greatest(coalesce(modified_at, placed_at), coalesce(confirmed_at, placed_at), coalesce(shipped_at, placed_at),
            coalesce(paid_at, placed_at), coalesce(deposit_paid_at, placed_at), placed_at) as event_at,
        case when shop is null then 0 else 1 end + case when placed_at is null then 0 else 1 end
            + case when order_kind is null then 0 else 1 end + case when payment_state is null then 0 else 1 end
            + case when fulfilment_state is null then 0 else 1 end as filled, 5 as needed
    from orders
    union all
    select l.raw_id, l.row_no, o.placed_at as event_at,
        case when coalesce(l.sku_id, l.variant_id, l.listing_id) is null then 0 else 1 end + case when l.quantity is null then 0 else 1 end
            + case when l.goods_minor is null then 0 else 1 end as filled, 3 as needed
    from order_lines as l left join orders as o on l.order_key = o.order_key
    union all
    select raw_id, row_no, booked_at as event_at,
        case when booked_at is null then 0 else 1 end + case when shop is null then 0 else 1 end
            + case when kind in ('order_income', 'order_refund') and order_id is null then 0 else 1 end
            + case when kind = 'fee' and fee_code is null then 0 else 1 end as filled, 4 as needed
    from settlement_lines
    union all
    select raw_id, row_no, cast(spent_on as timestamptz) as event_at,
        case when shop is null then 0 else 1 end + case when campaign is null then 0 else 1 end as filled, 2 as needed
    from ad_spend
    union all
    select raw_id, row_no, cast(stock_day as timestamptz) as event_at,
        case when stock_day is null then 0 else 1 end + case when entity_id is null then 0 else 1 end as filled, 2 as needed
    from stock_snapshots
),
seen as (
    select 'row/raw_rows/' || h.raw_id || '/' || cast(h.row_no as varchar) as part, f.format, f.channel, f.shop, f.day, h.event_at, h.filled, h.needed,
        f.seen_at
    from happened as h join files as f on h.raw_id = f.raw_id
),
covered as (
    select format, channel, shop, day, cast(event_at as date) as event_day
    from seen where event_at is not null group by format, channel, shop, day, cast(event_at as date)
),
sound as (
    select 'order/' || o.order_key as part, o.raw_id,
        case when p.identity_gap_minor <> 0 or (p.income_minor is not null and p.income_minor <> p.expected_minor)
                  or (p.is_paid and p.refunded_minor > p.paid_minor + p.third_party_minor)
                  or (l.goods_minor is not null and l.goods_minor <> p.goods_minor) then 0 else 1 end as is_sound
    from orders as o
    join order_positions as p on o.order_key = p.order_key
    left join (select order_key, sum_exact(goods_minor) as goods_minor from order_lines group by order_key) as l on o.order_key = l.order_key
    union all
    -- Money of an order that is not there stands in suspense.
    select 'row/settlement_lines/' || s.line_id as part, s.raw_id, case when e.account = 'suspense' then 0 else 1 end as is_sound
    from settlement_lines as s
    join ledger_entries as e on s.line_id = e.cause_id and e.posting_rule = 'settled' and e.account <> 'wallet'
    where s.kind in ('order_income', 'order_refund')
),
batches as (
    select 'row/settlements/' || s.settlement_key as part, s.raw_id, s.stated_total_minor, coalesce(sum_exact(l.amount_minor), 0) as found_minor
    from settlements as s
    left join settlement_lines as l on s.channel = l.channel and s.settlement_id = l.settlement_id and l.kind <> 'transfer'
    where s.stated_total_minor is not null
    group by s.settlement_key, s.raw_id, s.stated_total_minor
),
checks as (
    select part, format, channel, shop, day, 'completeness' as dimension, 'fields_filled' as measure, filled as passes, needed as counts from seen
    union all
    select cast(event_day as varchar) as part, format, channel, shop, day, 'completeness' as dimension, 'days_covered' as measure, 1 as passes, 1 as counts
    from covered
    union all
    select 'days_without_rows' as part, format, channel, shop, day, 'completeness' as dimension, 'days_covered' as measure, 0 as passes,
        date_diff('day', min(event_day), max(event_day)) + 1 - count(*) as counts
    from covered group by format, channel, shop, day
    union all
    -- A file that states no total cannot contradict itself; totals that agree are not kept.
    select 'row/raw_files/' || f.raw_id as part, f.format, f.channel, f.shop, f.day, 'accuracy' as dimension, 'files_not_contradicting_themselves' as measure,
        case when g.raw_id is null then 1 else 0 end as passes, 1 as counts
    from files as f
    left join (select distinct raw_id from findings where kind = 'control_total') as g on f.raw_id = g.raw_id
    union all
    select b.part, f.format, f.channel, f.shop, f.day, 'accuracy' as dimension, 'totals_of_payouts' as measure,
        case when b.stated_total_minor = b.found_minor then 1 else 0 end as passes, 1 as counts
    from batches as b join files as f on b.raw_id = f.raw_id
    union all
    select s.part, f.format, f.channel, f.shop, f.day, 'consistency' as dimension, 'money_agrees' as measure, s.is_sound as passes, 1 as counts
    from sound as s join files as f on s.raw_id = f.raw_id
    union all
    select part, format, channel, shop, day, 'timeliness' as dimension, 'seen_within_two_days' as measure,
        case when seen_at <= event_at + interval 2 day then 1 else 0 end as passes, 1 as counts
    from seen where event_at is not null
    union all
    select 'row/raw_rows/' || t.raw_id || '/' || cast(t.row_no as varchar) as part, f.format, f.channel, f.shop, f.day, 'validity' as dimension,
        'rows_understood' as measure, case when t.reject is null then 1 else 0 end as passes, 1 as counts
    from told as t join files as f on t.raw_id = f.raw_id
    union all
    select 'row/raw_rows/' || t.raw_id || '/' || cast(t.row_no as varchar) as part, f.format, f.channel, f.shop, f.day, 'uniqueness' as dimension,
        'rows_not_told_before' as measure, case when t.nth = 1 then 1 else 0 end as passes, 1 as counts
    from told as t join files as f on t.raw_id = f.raw_id where t.reject is null
)
select
    cast(format as varchar) as format,
    cast(channel as varchar) as channel,
    cast(nullif(shop, '') as varchar) as shop,
    cast(substr(cast(day as varchar), 1, 7) as varchar) as month,
    cast(day as date) as day,
    cast(dimension as varchar) as dimension,
    cast(measure as varchar) as measure,
    cast(sum_exact(passes) as bigint) as passed,
    cast(sum_exact(counts) as bigint) as counted,
    cast(product_exact(sum_exact(passes), 100) // sum_exact(counts) as bigint) as score
from checks
group by format, channel, shop, day, dimension, measure
having sum_exact(counts) > 0
