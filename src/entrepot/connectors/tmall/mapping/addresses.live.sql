-- Receivers come masked; the opaque key of their address (oaid) tells them apart.
select
    cast('tmall:' || order_id as varchar) as order_key,
    cast('tmall' as varchar) as channel,
    cast(month_in_beijing(placed_at) as varchar) as month,
    cast('recipient' as varchar) as role,
    cast(person_key(k.k_inner, k.k_outer, 'tmall|' || coalesce(oaid, order_id)) as varchar) as person_key,
    cast('CN' as varchar) as country,
    cast(receiver_state as varchar) as province,
    cast(receiver_name as varchar) as name,
    cast(receiver_mobile as varchar) as mobile,
    cast(receiver_address as varchar) as address,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(version as varchar) as version
from tmall_live_trades cross join person_pads as k
where coalesce(receiver_name, receiver_mobile, receiver_address) is not null
