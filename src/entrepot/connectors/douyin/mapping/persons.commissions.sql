-- Talents of the alliance's list. It names them by account, the order export by number: one talent may be two persons.
select
    cast(person_key(k.k_inner, k.k_outer, 'douyin|talent|' || talent_id) as varchar) as person_key,
    cast('talent' as varchar) as role,
    cast('douyin' as varchar) as channel,
    cast(talent_id as varchar) as platform_account,
    cast(talent_name as varchar) as name,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, paid_at, exported_at, 0, raw_id, row_no) as varchar) as version
from douyin_commissions cross join person_pads as k
