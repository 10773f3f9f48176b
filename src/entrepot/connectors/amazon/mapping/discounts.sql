-- Promotions on goods are the merchant's; the settlement states them by item. Lines as in order_lines.sql.
with settled as (
    select * from amazon_settlement union all select * from amazon_settlement_v1
),
lines as (
    select raw_id, order_key, settlement_id, item, currency, exported_at, opened_at,
        sum_exact(case when part = 'discount' then -amount_minor else 0 end) as amount_minor,
        min(booked_at) as booked_at, min(row_no) as row_no
    from settled where part is not null and order_key is not null
    group by raw_id, order_key, settlement_id, item, currency, exported_at, opened_at
)
select
    cast(order_key as varchar) as order_key,
    cast('amazon' as varchar) as channel,
    cast(coalesce(month_in_utc(opened_at), 'all') as varchar) as month,
    cast(item || ':' || settlement_id as varchar) as line_id,
    cast('merchant' as varchar) as funder,
    cast('promotion' as varchar) as kind,
    cast(currency as varchar) as currency,
    cast(amount_minor as bigint) as amount_minor,
    cast(true as boolean) as is_unnumbered,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, booked_at, exported_at, 0, raw_id, row_no) as varchar) as version
from lines
