select
    cast('wechatpay:' || coalesce(shop, 'unknown') as varchar) as wallet_id,
    cast('wechatpay:' || flow_id as varchar) as line_id,
    cast('wechatpay' as varchar) as channel,
    cast(month_in_beijing(booked_at) as varchar) as month,
    cast(shop as varchar) as shop,
    cast(statement_order as bigint) as statement_order,
    cast('CNY' as varchar) as currency,
    cast(amount_minor as bigint) as amount_minor,
    cast(balance_minor as bigint) as balance_minor,
    cast(booked_at as timestamptz) as booked_at,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, booked_at, exported_at, 0, raw_id, row_no) as varchar) as version
from wechatpay_funds
