-- Advertising of the last days of the period that no report shows yet: the mean of the last seven days that are there.
-- A shop whose reports go on after the period has none, for a day without a row in between cost nothing.
with shown as (
    select h.entity_id, a.channel, a.shop, a.currency, max(a.spent_on) as last_on,
           max(case when a.spent_on <= c.ends_on then a.spent_on end) as last_in
    from ad_spend as a join shops as h on a.shop = h.shop and a.channel = h.channel cross join closing as c
    group by h.entity_id, a.channel, a.shop, a.currency
),
short as (
    select s.entity_id, s.channel, s.shop, s.currency, s.last_in, date_diff('day', s.last_in, c.ends_on) as days
    from shown as s cross join closing as c
    where s.last_on < c.ends_on and s.last_in >= c.starts_on
),
estimated as (
    select s.entity_id, s.channel, s.shop, s.currency,
           half_up_div(product_exact(sum_exact(a.amount_minor), max(s.days)), 7) as estimate_minor
    from short as s
    join ad_spend as a on s.channel = a.channel and s.shop = a.shop and s.currency = a.currency
    where a.spent_on <= s.last_in and date_diff('day', a.spent_on, s.last_in) < 7
    group by s.entity_id, s.channel, s.shop, s.currency
),
sides as (
    select *, 'ad_spend' as account, estimate_minor as amount_minor from estimated
    union all
    select *, 'accrued_advertising' as account, -estimate_minor as amount_minor from estimated
)
select
    cast(true as boolean) as is_reversed, cast(entity_id as varchar) as entity_id, cast(channel as varchar) as channel,
    cast(shop as varchar) as shop, cast(null as varchar) as wallet_id, cast(account as varchar) as account,
    cast(currency as varchar) as currency, cast(amount_minor as bigint) as amount_minor,
    cast(null as bigint) as functional_minor
from sides
where amount_minor <> 0
