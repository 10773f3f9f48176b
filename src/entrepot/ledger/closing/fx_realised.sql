-- Orders whose claims and debts in a foreign currency are settled to nothing, and whose amounts in the company's own
-- currency are not: the rate moved in between. What earlier periods posted is taken off. Never reversed.
with by_order as (
    select entity_id, account, currency, functional_currency, channel, shop, order_id,
           sum_exact(amount_minor) as amount_minor, sum_exact(functional_minor) as functional_minor
    from so_far
    where currency <> functional_currency and order_id is not null and posting_rule <> 'fx_realised'
      and account in (select account from settling_accounts)
    group by entity_id, account, currency, functional_currency, channel, shop, order_id
),
parts as (
    select entity_id, account, currency, channel, shop, functional_minor from by_order where amount_minor = 0
    union all
    select entity_id, account, currency, channel, shop, functional_minor
    from so_far where posting_rule = 'fx_realised' and account <> 'fx_realised'
),
rest as (
    select entity_id, account, currency, channel, shop, sum_exact(functional_minor) as rest_minor
    from parts group by entity_id, account, currency, channel, shop
),
sides as (
    select entity_id, account, currency, channel, shop, -rest_minor as functional_minor from rest
    union all
    select entity_id, 'fx_realised' as account, currency, channel, shop, sum_exact(rest_minor) as functional_minor
    from rest group by entity_id, currency, channel, shop
)
select
    cast(false as boolean) as is_reversed, cast(entity_id as varchar) as entity_id, cast(channel as varchar) as channel,
    cast(shop as varchar) as shop, cast(null as varchar) as wallet_id, cast(account as varchar) as account,
    cast(currency as varchar) as currency, cast(0 as bigint) as amount_minor,
    cast(functional_minor as bigint) as functional_minor
from sides
where functional_minor <> 0
