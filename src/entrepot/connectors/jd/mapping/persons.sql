select
    cast(person_key(k.k_inner, k.k_outer, 'jd|' || buyer_account) as varchar) as person_key,
    cast('buyer' as varchar) as role,
    cast('jd' as varchar) as channel,
    cast(buyer_account as varchar) as platform_account,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, placed_at, exported_at, state_rank, raw_id, row_no) as varchar) as version
from jd_orders cross join person_pads as k
where buyer_account is not null
