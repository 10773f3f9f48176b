-- Cards of the shop: what was paid in, and what was added to it (assumed: the rest of what the card pays).
with parts as (
    select order_id, placed_at, modified_at, exported_at, state_rank, raw_id, row_no,
           'stored_value_principal' as kind, principal_minor as amount_minor
    from youzan_live_orders
    union all
    select order_id, placed_at, modified_at, exported_at, state_rank, raw_id, row_no,
           'stored_value_bonus' as kind, bonus_minor as amount_minor
    from youzan_live_orders
)
select
    cast('youzan:' || order_id as varchar) as order_key,
    cast('youzan' as varchar) as channel,
    cast(month_in_beijing(placed_at) as varchar) as month,
    cast(kind as varchar) as kind,
    cast('merchant' as varchar) as issuer,
    cast('CNY' as varchar) as currency,
    cast(amount_minor as bigint) as amount_minor,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(modified_at, null, exported_at, state_rank, raw_id, row_no) as varchar) as version
from parts
