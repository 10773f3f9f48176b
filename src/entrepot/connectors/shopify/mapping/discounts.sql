-- Every discount of an own shop is the merchant's; the export states it for the whole order.
select
    cast(order_key as varchar) as order_key,
    cast('shopify' as varchar) as channel,
    cast(month_in_utc(placed_at) as varchar) as month,
    cast('' as varchar) as line_id,
    cast('merchant' as varchar) as funder,
    cast('promotion' as varchar) as kind,
    cast(currency as varchar) as currency,
    cast(merchant_minor as bigint) as amount_minor,
    cast(true as boolean) as is_unnumbered,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, event_at, exported_at, state_rank, raw_id, row_no) as varchar) as version
from shopify_orders
where is_head
