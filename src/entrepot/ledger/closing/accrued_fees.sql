-- Fees of sales that count in the period and that the platform had not taken by its end: those that a later statement
-- already shows, and for orders without any income line yet the share of income that the shop paid before, by code.
-- Reversed on the next day, when the statements themselves begin to count.
with first_income as (
    select order_key, min(booked_on) as income_on from settled where kind = 'order_income' and has_order group by order_key
),
taken_later as (
    select p.entity_id, p.channel, p.shop, f.code, f.currency, f.net_minor
    from fees as f
    join order_positions as p on f.order_key = p.order_key
    join settled as s on f.line_id = s.line_id
    join first_income as i on f.order_key = i.order_key
    cross join closing as c
    -- A fee that comes back with a refund of the next period belongs to that period.
    where p.recognised_on <= c.ends_on and i.income_on > c.ends_on and s.booked_on > c.ends_on
),
sales as (
    select p.order_key, p.entity_id, p.channel, p.shop, p.currency, p.expected_minor, p.income_minor is not null as is_settled
    from order_positions as p cross join closing as c
    where p.recognised_on <= c.ends_on and date_diff('day', p.recognised_on, c.ends_on) < 180 and p.expected_minor > 0
),
open_sales as (
    select entity_id, channel, shop, currency, sum_exact(expected_minor) as expected_minor
    from sales where not is_settled group by entity_id, channel, shop, currency
),
paid_sales as (
    select channel, shop, currency, sum_exact(expected_minor) as expected_minor
    from sales where is_settled group by channel, shop, currency
),
paid_fees as (
    select s.channel, s.shop, s.currency, f.code, sum_exact(f.net_minor) as net_minor
    from fees as f join sales as s on f.order_key = s.order_key
    where s.is_settled and f.currency = s.currency
    group by s.channel, s.shop, s.currency, f.code
),
estimated as (
    select o.entity_id, o.channel, o.shop, f.code, o.currency,
           half_up_div(product_exact(o.expected_minor, f.net_minor), p.expected_minor) as net_minor
    from open_sales as o
    join paid_sales as p on o.channel = p.channel and o.shop = p.shop and o.currency = p.currency
    join paid_fees as f on o.channel = f.channel and o.shop = f.shop and o.currency = f.currency
),
together as (
    select entity_id, channel, shop, currency, 'fee:' || code as account, sum_exact(net_minor) as amount_minor
    from (select * from taken_later union all select * from estimated) as parts
    group by entity_id, channel, shop, currency, 'fee:' || code
),
sides as (
    select * from together
    union all
    select entity_id, channel, shop, currency, 'accrued_fees' as account, -sum_exact(amount_minor) as amount_minor
    from together group by entity_id, channel, shop, currency
)
select
    cast(true as boolean) as is_reversed, cast(entity_id as varchar) as entity_id, cast(channel as varchar) as channel,
    cast(shop as varchar) as shop, cast(null as varchar) as wallet_id, cast(account as varchar) as account,
    cast(currency as varchar) as currency, cast(amount_minor as bigint) as amount_minor,
    cast(null as bigint) as functional_minor
from sides
where amount_minor <> 0
