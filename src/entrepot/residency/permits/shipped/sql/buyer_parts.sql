-- Who bought in which month, for counts with noise: one row for each buyer, channel and shop. Whom nothing names is not counted,
-- unless the permit says for the channel that orders stand for buyers; a person never leaves.
with buyers as (select distinct person_key, channel from persons where role = 'buyer'),
bought as (
    select o.month, o.channel, o.shop,
           case when b.person_key is null and n.channel is not null then 'order:' || o.order_key else b.person_key end as person
    from orders as o
    left join buyers as b on o.buyer_key = b.person_key and o.channel = b.channel
    left join orders_as_persons as n on o.channel = n.channel
    where o.paid_at is not null
)
select distinct
    cast(month as varchar) as month, cast(channel as varchar) as channel, cast(shop as varchar) as shop,
    cast(person as varchar) as person, cast(1 as bigint) as buyers, cast(0 as bigint) as epsilon_milli,
    cast('protected' as varchar) as protection
from bought
where person is not null
