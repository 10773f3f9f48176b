select
    cast(order_key as varchar) as order_key,
    cast('amazon' as varchar) as channel,
    cast('all' as varchar) as month,
    cast('recipient' as varchar) as role,
    cast(person_key(k.k_inner, k.k_outer, 'amazon|' || buyer) as varchar) as person_key,
    cast(country as varchar) as country,
    cast(province as varchar) as province,
    cast(receiver as varchar) as name,
    cast(phone as varchar) as mobile,
    cast(address as varchar) as address,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(modified_at, null, exported_at, 0, raw_id, row_no) as varchar) as version
from amazon_live_orders cross join person_pads as k
where order_key is not null and coalesce(receiver, phone) is not null
