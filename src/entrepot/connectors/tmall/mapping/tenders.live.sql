with parts as (
    select order_id, placed_at, version, raw_id, row_no,
           'points' as kind, 'platform' as issuer, points_minor as amount_minor
    from tmall_live_trades
    union all
    select order_id, placed_at, version, raw_id, row_no,
           'stored_value_principal' as kind, 'merchant' as issuer, card_minor as amount_minor
    from tmall_live_trades
)
select
    cast('tmall:' || order_id as varchar) as order_key,
    cast('tmall' as varchar) as channel,
    cast(month_in_beijing(placed_at) as varchar) as month,
    cast(kind as varchar) as kind,
    cast(issuer as varchar) as issuer,
    cast('CNY' as varchar) as currency,
    cast(amount_minor as bigint) as amount_minor,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(version as varchar) as version
from parts
