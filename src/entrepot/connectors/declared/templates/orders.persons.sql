-- A name alone tells nobody apart: there the order stands for its buyer, as in the order's own key.
select
    cast(person_key(k.k_inner, k.k_outer, {CHANNEL} || '|' || coalesce(buyer, order_id)) as varchar) as person_key,
    cast('buyer' as varchar) as role,
    cast({CHANNEL} as varchar) as channel,
    cast(buyer_account as varchar) as platform_account,
    cast(buyer_name as varchar) as name,
    cast(phone as varchar) as mobile,
    cast(email as varchar) as email,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, placed_at, exported_at, 0, raw_id, row_no) as varchar) as version
from {FORMAT} cross join person_pads as k
where has_person
