select
    cast(person_key(k.k_inner, k.k_outer, 'youzan|' || buyer_id) as varchar) as person_key,
    cast('buyer' as varchar) as role,
    cast('youzan' as varchar) as channel,
    cast(buyer_id as varchar) as platform_account,
    cast(buyer_phone as varchar) as mobile,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(modified_at, null, exported_at, state_rank, raw_id, row_no) as varchar) as version
from youzan_live_orders cross join person_pads as k
where buyer_id is not null
