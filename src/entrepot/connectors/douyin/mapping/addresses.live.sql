-- Receivers come encrypted; the open id is the stable key of the buyer.
with read as (
    -- What lists told, and orders that were read by their number because a message named them.
    select * from douyin_live_orders union all select * from douyin_live_order
)
select
    cast('douyin:' || order_id as varchar) as order_key,
    cast('douyin' as varchar) as channel,
    cast(month_in_beijing(placed_at) as varchar) as month,
    cast('recipient' as varchar) as role,
    cast(person_key(k.k_inner, k.k_outer, 'douyin|' || coalesce(doudian_open_id, order_id)) as varchar) as person_key,
    cast('CN' as varchar) as country,
    cast(province as varchar) as province,
    cast(receiver as varchar) as name,
    cast(mobile as varchar) as mobile,
    cast(address as varchar) as address,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(modified_at, null, exported_at, state_rank, raw_id, row_no) as varchar) as version
from read cross join person_pads as k
where coalesce(receiver, mobile, address) is not null
