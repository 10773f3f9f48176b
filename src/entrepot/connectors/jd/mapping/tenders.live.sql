with parts as (
    select order_id, placed_at, modified_at, exported_at, state_rank, raw_id, row_no,
           'balance' as kind, 'platform' as issuer, balance_minor as amount_minor
    from jd_live_orders
    union all
    select order_id, placed_at, modified_at, exported_at, state_rank, raw_id, row_no,
           'gift_card' as kind, 'platform' as issuer, card_minor as amount_minor
    from jd_live_orders
    union all
    select order_id, placed_at, modified_at, exported_at, state_rank, raw_id, row_no,
           'points' as kind, 'platform' as issuer, points_minor as amount_minor
    from jd_live_orders
    union all
    select order_id, placed_at, modified_at, exported_at, state_rank, raw_id, row_no,
           'stored_value_principal' as kind, 'merchant' as issuer, principal_minor as amount_minor
    from jd_live_orders
)
select
    cast('jd:' || order_id as varchar) as order_key,
    cast('jd' as varchar) as channel,
    cast(month_in_beijing(placed_at) as varchar) as month,
    cast(kind as varchar) as kind,
    cast(issuer as varchar) as issuer,
    cast('CNY' as varchar) as currency,
    cast(amount_minor as bigint) as amount_minor,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(modified_at, null, exported_at, state_rank, raw_id, row_no) as varchar) as version
from parts
