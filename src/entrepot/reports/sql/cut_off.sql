-- What was placed, paid, shipped and recognised on each day in the shop's zone, before and after a cut-off instant:
-- docs/reference/reports/cut_off.md. An order stands in each column on the day of that event.
with orders_valued as (
    select o.order_key, o.channel, p.shop, o.currency, h.business_zone, o.placed_at, o.shipped_at, p.recognised_at,
        case when p.is_paid then coalesce(o.paid_at, o.shipped_at, o.confirmed_at, o.placed_at) end as paid_at,
        p.goods_minor + p.shipping_minor + p.tax_minor - p.discount_merchant_minor - p.discount_platform_minor - p.discount_other_minor as placed_minor,
        p.paid_minor + p.third_party_minor as value_minor
    from orders as o
    join order_positions as p on o.order_key = p.order_key
    join shops as h on p.shop = h.shop and p.channel = h.channel
),
events as (
    select order_key, channel, shop, currency, business_zone, 'placed' as event, placed_at as event_at, placed_minor as amount_minor from orders_valued
    union all
    select order_key, channel, shop, currency, business_zone, 'paid' as event, paid_at as event_at, value_minor as amount_minor from orders_valued
    union all
    select order_key, channel, shop, currency, business_zone, 'shipped' as event, shipped_at as event_at, value_minor as amount_minor from orders_valued
    union all
    select order_key, channel, shop, currency, business_zone, 'recognised' as event, recognised_at as event_at, value_minor as amount_minor from orders_valued
),
dated as (
    select e.order_key, e.channel, e.shop, e.currency, e.event, e.amount_minor,
        case when e.event_at < z.split_at then z.day_before else z.day_after end as day,
        case when a.at_instant is null then 'all' when e.event_at < a.at_instant then 'before' else 'after' end as side
    from events as e cross join asked as a
    join zone_days as z on e.business_zone = z.zone and cast(e.event_at as date) = z.utc_day
    where e.event_at is not null
)
select
    cast(channel as varchar) as channel,
    cast(shop as varchar) as shop,
    cast(substr(cast(day as varchar), 1, 7) as varchar) as month,
    cast(day as date) as day,
    cast(side as varchar) as side,
    cast(sum_exact(case when event = 'placed' then 1 else 0 end) as bigint) as placed_orders,
    cast(sum_exact(case when event = 'placed' then amount_minor else 0 end) as bigint) as placed_minor,
    cast(sum_exact(case when event = 'paid' then 1 else 0 end) as bigint) as paid_orders,
    cast(sum_exact(case when event = 'paid' then amount_minor else 0 end) as bigint) as paid_minor,
    cast(sum_exact(case when event = 'shipped' then 1 else 0 end) as bigint) as shipped_orders,
    cast(sum_exact(case when event = 'shipped' then amount_minor else 0 end) as bigint) as shipped_minor,
    cast(sum_exact(case when event = 'recognised' then 1 else 0 end) as bigint) as recognised_orders,
    cast(sum_exact(case when event = 'recognised' then amount_minor else 0 end) as bigint) as recognised_minor,
    cast(currency as varchar) as currency
from dated
group by channel, shop, day, side, currency
