select
    cast(person_key(k.k_inner, k.k_outer, 'amazon|' || buyer) as varchar) as person_key,
    cast('buyer' as varchar) as role,
    cast('amazon' as varchar) as channel,
    cast(buyer_name as varchar) as name,
    cast(phone as varchar) as mobile,
    cast(email as varchar) as email,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(modified_at, null, exported_at, 0, raw_id, row_no) as varchar) as version
from amazon_live_orders cross join person_pads as k
where order_key is not null and coalesce(email, buyer_name) is not null
