with parts as (
    select order_key, placed_at, buyer, modified_at, exported_at, state_rank, raw_id, row_no, 'recipient' as role,
           shipping_country as country, shipping_province as province, shipping_name as name, shipping_phone as mobile,
           shipping_address as address
    from shopify_live_orders
    union all
    select order_key, placed_at, buyer, modified_at, exported_at, state_rank, raw_id, row_no, 'billing' as role,
           billing_country as country, billing_province as province, billing_name as name, billing_phone as mobile,
           billing_address as address
    from shopify_live_orders
)
select
    cast(order_key as varchar) as order_key,
    cast('shopify' as varchar) as channel,
    cast(month_in_utc(placed_at) as varchar) as month,
    cast(role as varchar) as role,
    cast(person_key(k.k_inner, k.k_outer, 'shopify|' || buyer) as varchar) as person_key,
    cast(country as varchar) as country,
    cast(province as varchar) as province,
    cast(name as varchar) as name,
    cast(mobile as varchar) as mobile,
    cast(address as varchar) as address,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(modified_at, null, exported_at, state_rank, raw_id, row_no) as varchar) as version
from parts cross join person_pads as k
where coalesce(name, mobile, address) is not null
