select
    cast(person_key(k.k_inner, k.k_outer, 'tmall|' || buyer_open_uid) as varchar) as person_key,
    cast('buyer' as varchar) as role,
    cast('tmall' as varchar) as channel,
    cast(buyer_open_uid as varchar) as platform_account,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(version as varchar) as version
from tmall_live_trades cross join person_pads as k
where buyer_open_uid is not null
