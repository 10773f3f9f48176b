-- Buyers by their account, and the talents who sold.
with people as (
    select modified_at, exported_at, state_rank, raw_id, row_no, 'buyer' as role, 'kuaishou|' || buyer_id as known_by, buyer_id as account, buyer_name as name
    from kuaishou_live_orders where buyer_id is not null
    union all
    select modified_at, exported_at, state_rank, raw_id, row_no, 'talent' as role, 'kuaishou|talent|' || coalesce(talent_id, talent_name) as known_by, talent_id as account, talent_name as name
    from kuaishou_live_orders where coalesce(talent_id, '0') <> '0' or talent_name is not null
)
select
    cast(person_key(k.k_inner, k.k_outer, known_by) as varchar) as person_key,
    cast(role as varchar) as role,
    cast('kuaishou' as varchar) as channel,
    cast(account as varchar) as platform_account,
    cast(name as varchar) as name,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(modified_at, null, exported_at, state_rank, raw_id, row_no) as varchar) as version
from people cross join person_pads as k
