select
    cast('douyin:' || sub_order_id || ':' || person_key(k.k_inner, k.k_outer, 'douyin|talent|' || talent_id) as varchar)
        as attribution_key,
    cast('douyin' as varchar) as channel,
    cast(month_in_beijing(paid_at) as varchar) as month,
    cast(shop as varchar) as shop,
    cast(sub_order_id as varchar) as order_line_id,
    cast(listing_id as varchar) as listing_id,
    cast(person_key(k.k_inner, k.k_outer, 'douyin|talent|' || talent_id) as varchar) as person_key,
    cast(state as varchar) as state,
    cast(rate_bp as bigint) as rate_bp,
    cast('CNY' as varchar) as currency,
    cast(paid_minor as bigint) as paid_minor,
    cast(settled_minor as bigint) as settled_minor,
    cast(estimated_minor as bigint) as commission_estimated_minor,
    cast(commission_minor as bigint) as commission_settled_minor,
    cast(paid_at as timestamptz) as paid_at,
    cast(settled_at as timestamptz) as settled_at,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, coalesce(settled_at, paid_at), exported_at, 0, raw_id, row_no) as varchar) as version
from douyin_commissions cross join person_pads as k
