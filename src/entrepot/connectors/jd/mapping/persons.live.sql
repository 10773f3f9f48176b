select
    cast(person_key(k.k_inner, k.k_outer, 'jd|' || coalesce(open_id_buyer, pin)) as varchar) as person_key,
    cast('buyer' as varchar) as role,
    cast('jd' as varchar) as channel,
    cast(coalesce(open_id_buyer, pin) as varchar) as platform_account,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(modified_at, null, exported_at, state_rank, raw_id, row_no) as varchar) as version
from jd_live_orders cross join person_pads as k
where coalesce(open_id_buyer, pin) is not null
