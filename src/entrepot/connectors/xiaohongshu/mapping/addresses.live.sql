-- Names and phones are no part of an order: there is the province, and the key of the address.
select
    cast('xiaohongshu:' || order_id as varchar) as order_key,
    cast('xiaohongshu' as varchar) as channel,
    cast(month_in_beijing(placed_at) as varchar) as month,
    cast('recipient' as varchar) as role,
    cast(person_key(k.k_inner, k.k_outer, 'xiaohongshu|' || coalesce(open_address_id, order_id)) as varchar) as person_key,
    cast('CN' as varchar) as country,
    cast(province as varchar) as province,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(modified_at, null, exported_at, state_rank, raw_id, row_no) as varchar) as version
from xiaohongshu_live_orders cross join person_pads as k
where province is not null
