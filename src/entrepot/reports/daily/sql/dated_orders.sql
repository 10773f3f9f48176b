-- Orders with the days, in their shop's zone, on which they were placed and paid, and their value as placed.
with valued as (
    select p.order_key, p.channel, p.shop, p.currency, p.is_paid, o.placed_at, o.paid_at,
        p.goods_minor + p.shipping_minor + p.tax_minor
            - p.discount_merchant_minor - p.discount_platform_minor - p.discount_other_minor as placed_minor,
        coalesce(h.business_zone, 'UTC') as zone
    from order_positions as p
    join orders as o on p.order_key = o.order_key
    left join (select channel, shop, min(business_zone) as business_zone from shops group by channel, shop) as h
        on p.channel = h.channel and p.shop = h.shop
)
select
    cast(v.channel as varchar) as channel,
    cast(v.currency as varchar) as currency,
    cast(case when v.placed_at < a.split_at then a.day_before else a.day_after end as date) as placed_on,
    cast(case when not v.is_paid then null when v.paid_at < b.split_at then b.day_before else b.day_after end as date) as paid_on,
    cast(v.placed_minor as bigint) as placed_minor
from valued as v
left join zone_days as a on v.zone = a.zone and cast(v.placed_at as date) = a.utc_day
left join zone_days as b on v.zone = b.zone and cast(v.paid_at as date) = b.utc_day
