-- A settlement whose lines lie on both sides of the period's end: what it holds so far is no money of the wallet yet,
-- and stands on an account of its own over the turn of the period.
with batches as (
    select channel, settlement_id, min(booked_on) as first_on, max(booked_on) as last_on
    from settled where settlement_id is not null group by channel, settlement_id
),
held as (
    select s.entity_id, s.shop_channel as channel, s.shop, s.wallet_id, s.currency, sum_exact(s.amount_minor) as held_minor
    from settled as s
    join batches as b on s.channel = b.channel and s.settlement_id = b.settlement_id
    cross join closing as c
    where b.first_on <= c.ends_on and b.last_on > c.ends_on and s.booked_on <= c.ends_on and s.entity_id is not null
    group by s.entity_id, s.shop_channel, s.shop, s.wallet_id, s.currency
),
sides as (
    select *, 'settlement_carried_forward' as account, held_minor as amount_minor from held
    union all
    select *, 'wallet' as account, -held_minor as amount_minor from held
)
select
    cast(true as boolean) as is_reversed, cast(entity_id as varchar) as entity_id, cast(channel as varchar) as channel,
    cast(shop as varchar) as shop, cast(wallet_id as varchar) as wallet_id, cast(account as varchar) as account,
    cast(currency as varchar) as currency, cast(amount_minor as bigint) as amount_minor,
    cast(null as bigint) as functional_minor
from sides
where amount_minor <> 0
