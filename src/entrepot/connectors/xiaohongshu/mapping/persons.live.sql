-- Buyers by their account, and the talents who sold.
with opened as (
    select order_id, placed_at, modified_at, exported_at, state_rank, raw_id, row_no, unnest(skus) as s from xiaohongshu_live_orders
),
talents as (
    select order_id, placed_at, modified_at, exported_at, state_rank, raw_id, row_no, s.kolId || '' as account, s.kolName || '' as name from opened
),
people as (
    select order_id, placed_at, modified_at, exported_at, state_rank, raw_id, row_no, 'buyer' as role, 'xiaohongshu|' || user_id as known_by, user_id as account, null as name
    from xiaohongshu_live_orders where user_id is not null
    union all
    select order_id, placed_at, modified_at, exported_at, state_rank, raw_id, row_no, 'talent' as role, 'xiaohongshu|talent|' || coalesce(account, name) as known_by, account, name
    from talents where coalesce(account, name) is not null
)
select
    cast(person_key(k.k_inner, k.k_outer, known_by) as varchar) as person_key,
    cast(role as varchar) as role,
    cast('xiaohongshu' as varchar) as channel,
    cast(account as varchar) as platform_account,
    cast(name as varchar) as name,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(modified_at, null, exported_at, state_rank, raw_id, row_no) as varchar) as version
from people cross join person_pads as k
