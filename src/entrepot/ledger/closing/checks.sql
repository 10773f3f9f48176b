-- What stands against closing a period: open exceptions that concern it, and feeds that end before it does. Exceptions of
-- orders that count later, or not at all, do not concern it.
with concerned as (
    select distinct h.shop from shops as h join closing_entities as e on h.entity_id = e.entity_id
),
owned as (select distinct shop from shops),
-- Platforms that somebody sells on, with the payment providers that serve them; and those of the companies that close.
sold_on as (
    select channel, entity_id from shops
    union
    select p.channel, h.entity_id from channels_served as p join shops as h on p.serves = h.channel
),
elsewhere as (
    select s.channel from sold_on as s left join closing_entities as e on s.entity_id = e.entity_id
    group by s.channel having max(case when e.entity_id is null then 0 else 1 end) = 0
),
relevant as (
    select e.kind, e.channel, e.shop, e.currency, e.amount_minor
    from exceptions as e
    cross join closing as c
    left join order_positions as p on e.key = p.channel || '/' || p.shop || '/' || p.order_id
    left join concerned as h on e.shop = h.shop
    left join owned as o on e.shop = o.shop
    where (p.order_key is null or p.recognised_on <= c.ends_on)
      -- What names no shop, or one that nobody owns, concerns every company that sells on the platform, if it names one.
      and (h.shop is not null or (o.shop is null and coalesce(e.channel, '') not in (select channel from elsewhere)))
),
sold_in as (
    select p.channel, p.shop, count(*) as n
    from order_positions as p join closing_entities as e on p.entity_id = e.entity_id cross join closing as c
    where p.recognised_on >= c.starts_on and p.recognised_on <= c.ends_on
    group by p.channel, p.shop
),
paid_to as (
    select shop_channel as channel, shop, max(booked_on) as last_on from settled group by shop_channel, shop
),
short as (
    select s.channel, s.shop, coalesce(date_diff('day', p.last_on, c.ends_on), 99) as days
    from sold_in as s cross join closing as c left join paid_to as p on s.channel = p.channel and s.shop = p.shop
    where p.last_on is null or date_diff('day', p.last_on, c.ends_on) > 7
),
found as (
    select kind as name, channel, shop, currency, count(*) as n, sum_exact(amount_minor) as amount_minor
    from relevant group by kind, channel, shop, currency
    union all
    select 'settlements_end_early' as name, channel, shop, null as currency, days as n,
           null as amount_minor
    from short
)
select
    cast(name as varchar) as name,
    cast(channel as varchar) as channel,
    cast(shop as varchar) as shop,
    cast(currency as varchar) as currency,
    cast(n as bigint) as n,
    cast(amount_minor as bigint) as amount_minor
from found
