-- Captured payments: those a source lists, else one per paid order (and one per paid presale deposit).
with computed as (
    select o.order_key, o.channel, p.shop, o.order_id, 'full' as phase, o.paid_at, o.currency,
           p.paid_minor - case when o.deposit_paid_at is not null then coalesce(o.deposit_minor, 0) else 0 end as amount_minor
    from base_orders as o join base_order_positions as p on o.order_key = p.order_key
    where p.paid_minor > 0
    union all
    select o.order_key, o.channel, p.shop, o.order_id, 'deposit' as phase, o.deposit_paid_at as paid_at, o.currency,
           o.deposit_minor as amount_minor
    from base_orders as o join base_order_positions as p on o.order_key = p.order_key
    where o.deposit_paid_at is not null and o.deposit_minor > 0
)
select
    cast(order_key as varchar) as order_key, cast(channel as varchar) as channel, cast(shop as varchar) as shop,
    cast(order_id as varchar) as order_id, cast(phase as varchar) as phase, cast(paid_at as timestamptz) as paid_at,
    cast(currency as varchar) as currency, cast(amount_minor as bigint) as amount_minor
from computed
where order_key not in (select order_key from base_payments)
union all
select
    cast(order_key as varchar) as order_key, cast(channel as varchar) as channel, cast(null as varchar) as shop,
    cast(null as varchar) as order_id, cast(phase as varchar) as phase, cast(paid_at as timestamptz) as paid_at,
    cast(currency as varchar) as currency, cast(amount_minor as bigint) as amount_minor
from base_payments
