with read as (
    -- What lists told, and orders that were read by their number because a message named them.
    select * from douyin_live_orders union all select * from douyin_live_order
)
select
    cast('douyin:' || order_id as varchar) as order_key,
    cast('douyin' as varchar) as channel,
    cast(month_in_beijing(placed_at) as varchar) as month,
    cast(shop as varchar) as shop,
    cast(order_id as varchar) as order_id,
    cast(order_kind as varchar) as order_kind,
    cast(status as varchar) as platform_status,
    cast(payment_state as varchar) as payment_state,
    cast(commercial_state as varchar) as commercial_state,
    cast(fulfilment_state as varchar) as fulfilment_state,
    cast('none' as varchar) as customs_state,
    cast(placed_at as timestamptz) as placed_at,
    cast(false as boolean) as placed_is_estimated,
    cast(paid_at as timestamptz) as paid_at,
    cast(shipped_at as timestamptz) as shipped_at,
    cast(confirmed_at as timestamptz) as confirmed_at,
    cast(closed_at as timestamptz) as closed_at,
    cast(modified_at as timestamptz) as modified_at,
    cast('CNY' as varchar) as currency,
    cast(goods_minor as bigint) as goods_minor,
    cast(shipping_minor as bigint) as shipping_minor,
    cast(merchant_minor as bigint) as discount_merchant_minor,
    cast(platform_minor as bigint) as discount_platform_minor,
    cast(other_minor as bigint) as discount_other_minor,
    cast(0 as bigint) as tender_minor,
    cast(paid_minor as bigint) as paid_minor,
    cast(refund_minor as bigint) as refund_stated_minor,
    cast(person_key(k.k_inner, k.k_outer, 'douyin|' || coalesce(doudian_open_id, order_id)) as varchar) as buyer_key,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(modified_at, null, exported_at, state_rank, raw_id, row_no) as varchar) as version
from read cross join person_pads as k
