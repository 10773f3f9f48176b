select
    cast(order_key as varchar) as order_key,
    cast('shopify' as varchar) as channel,
    cast(month_in_utc(placed_at) as varchar) as month,
    cast('gift_card' as varchar) as kind,
    cast('merchant' as varchar) as issuer,
    cast(currency as varchar) as currency,
    cast(tender_minor as bigint) as amount_minor,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(modified_at, null, exported_at, state_rank, raw_id, row_no) as varchar) as version
from shopify_live_orders
