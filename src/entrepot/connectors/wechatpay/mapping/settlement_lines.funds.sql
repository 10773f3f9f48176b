-- Movements that no trade bill tells: money that goes to the bank or comes from there.
select
    cast('wechatpay:fund:' || flow_id as varchar) as line_id,
    cast('wechatpay' as varchar) as channel,
    cast(month_in_beijing(booked_at) as varchar) as month,
    cast(shop as varchar) as shop,
    cast('wechatpay:' || coalesce(shop, 'unknown') as varchar) as wallet_id,
    cast(kind as varchar) as kind,
    cast(business_type as varchar) as platform_item,
    cast(0 as bigint) as vat_rate_bp,
    cast('CNY' as varchar) as currency,
    cast(amount_minor as bigint) as amount_minor,
    cast(booked_at as timestamptz) as booked_at,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, booked_at, exported_at, 0, raw_id, row_no) as varchar) as version
from wechatpay_funds
where not is_told_by_trades
