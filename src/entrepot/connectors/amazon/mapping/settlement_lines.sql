with settled as (
    select * from amazon_settlement union all select * from amazon_settlement_v1
)
select
    cast('amazon:' || line_id as varchar) as line_id,
    cast('amazon' as varchar) as channel,
    cast(month_in_utc(booked_at) as varchar) as month,
    cast(shop as varchar) as shop,
    cast('amazon:' || coalesce(shop, 'unknown') as varchar) as wallet_id,
    cast(settlement_id as varchar) as settlement_id,
    cast(order_key as varchar) as order_key,
    cast(order_id as varchar) as order_id,
    cast(sku_id as varchar) as sku_id,
    cast(order_part as varchar) as order_part,
    cast(kind as varchar) as kind,
    cast(case when kind = 'fee' then fee_code end as varchar) as fee_code,
    cast(platform_item as varchar) as platform_item,
    cast(0 as bigint) as vat_rate_bp,
    cast(currency as varchar) as currency,
    cast(amount_minor as bigint) as amount_minor,
    cast(booked_at as timestamptz) as booked_at,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, booked_at, exported_at, 0, raw_id, row_no) as varchar) as version
from settled
where not is_total and kind is not null
