-- Money, claims and debts in a foreign currency at the rate of the last day of the period. Reversed on the next day.
-- What `fx_realised` explains is no longer there to be valued. A currency without a rate stays as it is: `fx_missing`.
with lines as (
    -- A claim is of its order, whichever wallet paid it.
    select l.entity_id, l.account, l.currency, l.functional_currency, l.channel, l.shop, l.order_id, l.amount_minor,
           l.functional_minor, s.account is not null as settles, case when s.account is null then l.wallet_id end as wallet_id
    from so_far as l left join settling_accounts as s on l.account = s.account
    where l.currency <> l.functional_currency and l.posting_rule <> 'fx_realised'
      and l.account in (select account from monetary_accounts)
),
by_order as (
    select entity_id, account, currency, functional_currency, channel, shop, wallet_id, order_id, settles,
           sum_exact(amount_minor) as amount_minor, sum_exact(functional_minor) as functional_minor
    from lines
    group by entity_id, account, currency, functional_currency, channel, shop, wallet_id, order_id, settles
),
balances as (
    select entity_id, account, currency, functional_currency, channel, shop, wallet_id,
           sum_exact(amount_minor) as amount_minor, sum_exact(functional_minor) as functional_minor
    from by_order
    where amount_minor <> 0 or order_id is null or not settles
    group by entity_id, account, currency, functional_currency, channel, shop, wallet_id
),
valued as (
    select b.entity_id, b.account, b.currency, b.channel, b.shop, b.wallet_id,
           half_up_div(product_exact(product_exact(b.amount_minor, t.per_euro_e6), s.to_scale),
                       product_exact(f.per_euro_e6, s.from_scale)) - b.functional_minor as gain_minor
    from balances as b
    cross join closing as c
    join fx_days as f on b.currency = f.currency and c.ends_on = f.on_day
    join fx_days as t on b.functional_currency = t.currency and c.ends_on = t.on_day
    join currency_scales as s on b.currency = s.from_currency and b.functional_currency = s.to_currency
),
sides as (
    select entity_id, account, currency, channel, shop, wallet_id, gain_minor as functional_minor from valued
    union all
    select entity_id, 'fx_unrealised' as account, currency, channel, shop, cast(null as varchar) as wallet_id,
           -sum_exact(gain_minor) as functional_minor
    from valued group by entity_id, currency, channel, shop
)
select
    cast(true as boolean) as is_reversed, cast(entity_id as varchar) as entity_id, cast(channel as varchar) as channel,
    cast(shop as varchar) as shop, cast(wallet_id as varchar) as wallet_id, cast(account as varchar) as account,
    cast(currency as varchar) as currency, cast(0 as bigint) as amount_minor,
    cast(functional_minor as bigint) as functional_minor
from sides
where functional_minor <> 0
