-- The sale in the currency of the order, its fee, and the exchange into the settlement currency as two transfers: yuan go,
-- foreign money comes. Where the file has no yuan there is nothing to exchange.
with parts as (
    select *, 'sale' as part, case when role = 'payment' then 'order_income' else 'order_refund' end as kind, null as fee_code,
           case when has_yuan then 'CNY' else currency end as part_currency, sale_minor as part_minor
    from alipay_settlement
    union all
    select *, 'fee' as part, 'fee' as kind, 'payment_fee' as fee_code, case when has_yuan then 'CNY' else currency end as part_currency,
           fee_minor as part_minor
    from alipay_settlement where fee_minor <> 0
    union all
    select *, 'sold' as part, 'transfer' as kind, null as fee_code, 'CNY' as part_currency, -yuan_net_minor as part_minor
    from alipay_settlement where has_yuan
    union all
    select *, 'bought' as part, 'transfer' as kind, null as fee_code, currency as part_currency, net_minor as part_minor
    from alipay_settlement where has_yuan
)
select
    cast('alipay:global:' || line_id || ':' || part as varchar) as line_id,
    cast('alipay' as varchar) as channel,
    cast(month_in_beijing(booked_at) as varchar) as month,
    cast(shop as varchar) as shop,
    cast('alipay:' || coalesce(shop, 'unknown') || ':global' as varchar) as wallet_id,
    cast(case when part in ('sale', 'fee') then 'tmall:' || order_id end as varchar) as order_key,
    cast(case when part in ('sale', 'fee') then order_id end as varchar) as order_id,
    cast(kind as varchar) as kind,
    cast(fee_code as varchar) as fee_code,
    cast(transaction_type as varchar) as platform_item,
    cast(0 as bigint) as vat_rate_bp,
    cast(part_currency as varchar) as currency,
    cast(part_minor as bigint) as amount_minor,
    cast(booked_at as timestamptz) as booked_at,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, booked_at, exported_at, 0, raw_id, row_no) as varchar) as version
from parts
