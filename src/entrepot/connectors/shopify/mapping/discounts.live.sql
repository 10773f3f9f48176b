-- Every discount of an own shop is the merchant's; the API says what falls on each line.
with opened as (
    select order_key, currency, digits, placed_at, modified_at, exported_at, state_rank, raw_id, row_no, unnest(lines) as l
    from shopify_live_orders
),
lines as (
    select order_key, currency, digits, placed_at, modified_at, exported_at, state_rank, raw_id, row_no,
           regexp_extract(l.gid || '', '[0-9]+\z', 0) as line_id, l.discounts as discounts
    from opened
),
shares as (
    select raw_id, row_no, line_id, digits, unnest(discounts) as d from lines
),
texts as (
    select raw_id, row_no, line_id, digits, d.amount || '' as amount from shares
),
sums as (
    select raw_id, row_no, line_id, sum_exact(minor_from_decimal(amount, digits)) as amount_minor
    from texts group by raw_id, row_no, line_id
),
parts as (
    -- A line without a discount says zero, so that a newer state takes back an older one.
    select l.order_key, l.currency, l.placed_at, l.modified_at, l.exported_at, l.state_rank, l.raw_id, l.row_no, l.line_id,
           coalesce(s.amount_minor, 0) as amount_minor
    from lines as l left join sums as s on l.raw_id = s.raw_id and l.row_no = s.row_no and l.line_id = s.line_id
)
select
    cast(order_key as varchar) as order_key,
    cast('shopify' as varchar) as channel,
    cast(month_in_utc(placed_at) as varchar) as month,
    cast(line_id as varchar) as line_id,
    cast('merchant' as varchar) as funder,
    cast('promotion' as varchar) as kind,
    cast(currency as varchar) as currency,
    cast(amount_minor as bigint) as amount_minor,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(modified_at, null, exported_at, state_rank, raw_id, row_no) as varchar) as version
from parts
