-- Talents: their names are personal, their orders are not theirs.
select
    cast(person_key(k.k_inner, k.k_outer, 'xiaohongshu|talent|' || coalesce(talent_id, talent_name)) as varchar) as person_key,
    cast('talent' as varchar) as role,
    cast('xiaohongshu' as varchar) as channel,
    cast(talent_id as varchar) as platform_account,
    cast(talent_name as varchar) as name,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, placed_at, exported_at, state_rank, raw_id, row_no) as varchar) as version
from xiaohongshu_orders cross join person_pads as k
where coalesce(talent_id, talent_name) is not null
