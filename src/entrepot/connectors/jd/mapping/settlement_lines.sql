select
    cast('jd:' || line_id as varchar) as line_id,
    cast('jd' as varchar) as channel,
    cast(month_in_beijing(booked_at) as varchar) as month,
    cast(shop as varchar) as shop,
    cast('jd:' || coalesce(shop, 'unknown') as varchar) as wallet_id,
    cast('jd:' || order_id as varchar) as order_key,
    cast(order_id as varchar) as order_id,
    cast(listing_id as varchar) as listing_id,
    cast(order_part as varchar) as order_part,
    cast(kind as varchar) as kind,
    cast(fee_code as varchar) as fee_code,
    cast(item as varchar) as platform_item,
    cast(vat_rate_bp as bigint) as vat_rate_bp,
    cast(currency as varchar) as currency,
    cast(amount_minor as bigint) as amount_minor,
    cast(booked_at as timestamptz) as booked_at,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, booked_at, exported_at, 0, raw_id, row_no) as varchar) as version
from jd_wallet
where booked_at is not null
