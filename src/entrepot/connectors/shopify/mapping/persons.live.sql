select
    cast(person_key(k.k_inner, k.k_outer, 'shopify|' || buyer) as varchar) as person_key,
    cast('buyer' as varchar) as role,
    cast('shopify' as varchar) as channel,
    cast(billing_name as varchar) as name,
    cast(coalesce(phone, billing_phone) as varchar) as mobile,
    cast(email as varchar) as email,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(modified_at, null, exported_at, state_rank, raw_id, row_no) as varchar) as version
from shopify_live_orders cross join person_pads as k
where coalesce(email, phone, billing_name) is not null
