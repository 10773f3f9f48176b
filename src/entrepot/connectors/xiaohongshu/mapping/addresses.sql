-- One address per order: that of its first row in the file. Names and phones are masked: the person who receives is
-- known by the order alone.
select
    cast('xiaohongshu:' || order_id as varchar) as order_key,
    cast('xiaohongshu' as varchar) as channel,
    cast(month_in_beijing(placed_at) as varchar) as month,
    cast('recipient' as varchar) as role,
    cast(person_key(k.k_inner, k.k_outer, 'xiaohongshu|' || order_id) as varchar) as person_key,
    cast('CN' as varchar) as country,
    cast(province as varchar) as province,
    cast(recipient_name as varchar) as name,
    cast(recipient_mobile as varchar) as mobile,
    cast(recipient_address as varchar) as address,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, newest_at, exported_at, state_rank, raw_id, row_no) as varchar) as version
from xiaohongshu_orders cross join person_pads as k
where coalesce(recipient_name, recipient_mobile, recipient_address) is not null
qualify row_number() over (partition by raw_id, order_id order by row_no) = 1
