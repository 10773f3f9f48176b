-- Each transaction gives its amount; what the payment provider keeps of it is a line of its own.
with parts as (
    select line_id, shop, payout_id, order_id, kind, fee_code, type, currency, amount_minor, booked_at, exported_at, state_rank,
           raw_id, row_no
    from shopify_payouts
    union all
    select line_id || ':fee' as line_id, shop, payout_id, order_id, 'fee' as kind, coalesce(fee_code, 'payment_fee') as fee_code,
           type, currency, -fee_minor as amount_minor, booked_at, exported_at, state_rank, raw_id, row_no
    from shopify_payouts where fee_minor <> 0
)
select
    cast(line_id as varchar) as line_id,
    cast('shopify' as varchar) as channel,
    cast(month_in_utc(booked_at) as varchar) as month,
    cast(shop as varchar) as shop,
    cast('shopify:' || shop as varchar) as wallet_id,
    cast(payout_id as varchar) as settlement_id,
    cast('shopify:' || shop || ':' || order_id as varchar) as order_key,
    cast(order_id as varchar) as order_id,
    cast(kind as varchar) as kind,
    cast(fee_code as varchar) as fee_code,
    cast(type as varchar) as platform_item,
    cast(0 as bigint) as vat_rate_bp,
    cast(currency as varchar) as currency,
    cast(amount_minor as bigint) as amount_minor,
    cast(booked_at as timestamptz) as booked_at,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, booked_at, exported_at, state_rank, raw_id, row_no) as varchar) as version
from parts
