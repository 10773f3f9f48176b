-- Payments, refunds and the fee of each. The fee contains 6 % VAT (our assumption: an invoice of WeChat Pay's operator).
with parts as (
    select *, case when role = 'payment' then 'order_income' else 'order_refund' end as kind, null as fee_code, state as item,
           amount_minor as part_minor, 0 as vat_rate_bp, '' as suffix
    from wechatpay_trades where has_moved
    union all
    select *, 'fee' as kind, 'payment_fee' as fee_code, '手续费' as item, fee_minor as part_minor, 600 as vat_rate_bp,
           ':fee' as suffix
    from wechatpay_trades where has_moved and fee_minor <> 0
)
select
    cast('wechatpay:' || line_id || suffix as varchar) as line_id,
    cast('wechatpay' as varchar) as channel,
    cast(month_in_beijing(booked_at) as varchar) as month,
    cast(shop as varchar) as shop,
    cast('wechatpay:' || coalesce(shop, 'unknown') as varchar) as wallet_id,
    cast('own_shop:' || order_id as varchar) as order_key,
    cast(order_id as varchar) as order_id,
    cast(kind as varchar) as kind,
    cast(fee_code as varchar) as fee_code,
    cast(item as varchar) as platform_item,
    cast(vat_rate_bp as bigint) as vat_rate_bp,
    cast('CNY' as varchar) as currency,
    cast(part_minor as bigint) as amount_minor,
    cast(booked_at as timestamptz) as booked_at,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, booked_at, exported_at, 0, raw_id, row_no) as varchar) as version
from parts
