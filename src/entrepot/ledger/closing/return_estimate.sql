-- What refunds are still to come for the sales up to each day of `as_of`, as it was known on that day: by channel,
-- category and age of the order. Of sales that are `d` days old the share that was refunded on day `d` is counted over
-- all orders that had reached that age; what an order of age `a` will lose is the sum of the shares of later days.
-- A category with fewer than 30 orders shares the rate of its channel. Shares are in parts per million.
with sold as (
    select d.ends_on, p.entity_id, p.channel, p.shop, p.currency, coalesce(k.category, '~none') as category, x.order_key,
           x.piece_no, x.gross_minor, x.gross_minor - x.vat_minor as net_minor,
           case when x.has_cost and x.cost_currency = p.currency then x.cost_minor else 0 end as cost_minor,
           least(date_diff('day', p.recognised_on, d.ends_on), 61) as age, p.recognised_on
    from order_pieces as x
    join order_positions as p on x.order_key = p.order_key
    cross join as_of as d
    left join skus as k on x.sku_id = k.sku_id
    where p.recognised_on <= d.ends_on and x.kind <> 'tax' and date_diff('day', p.recognised_on, d.ends_on) < 365
),
counted as (
    select ends_on, channel, category, count(distinct order_key) as orders from sold group by ends_on, channel, category
),
leveled as (
    select s.*, case when c.orders >= 30 then s.category else '~all' end as level
    from sold as s join counted as c on s.ends_on = c.ends_on and s.channel = c.channel and s.category = c.category
),
by_age as (
    select ends_on, channel, category as level, age, sum_exact(gross_minor) as gross_minor from sold group by ends_on, channel, category, age
    union all
    select ends_on, channel, '~all' as level, age, sum_exact(gross_minor) as gross_minor from sold group by ends_on, channel, age
),
returned as (
    select s.ends_on, s.channel, s.category, greatest(date_diff('day', s.recognised_on, r.accounting_date), 0) as delay, x.amount_minor
    from refund_pieces as x
    join refunds as r on x.refund_id = r.refund_id
    join sold as s on x.order_key = s.order_key and x.piece_no = s.piece_no
    where r.stage = 'after_recognition' and r.accounting_date <= s.ends_on
),
by_delay as (
    select ends_on, channel, category as level, delay, sum_exact(amount_minor) as amount_minor from returned
    where delay <= 60 group by ends_on, channel, category, delay
    union all
    select ends_on, channel, '~all' as level, delay, sum_exact(amount_minor) as amount_minor from returned
    where delay <= 60 group by ends_on, channel, delay
),
exposed as (
    select r.ends_on, r.channel, r.level, r.delay, max(r.amount_minor) as amount_minor, sum_exact(a.gross_minor) as gross_minor
    from by_delay as r
    join by_age as a on r.ends_on = a.ends_on and r.channel = a.channel and r.level = a.level and a.age >= r.delay
    group by r.ends_on, r.channel, r.level, r.delay
),
shares as (
    select ends_on, channel, level, delay,
           case when gross_minor > 0 then half_up_div(product_exact(amount_minor, 1000000), gross_minor) else 0 end as share_ppm
    from exposed
),
due as (
    select ends_on, entity_id, channel, shop, currency, category, level, age, sum_exact(net_minor) as net_minor,
           sum_exact(cost_minor) as cost_minor
    from leveled group by ends_on, entity_id, channel, shop, currency, category, level, age
),
rated as (
    select d.ends_on, d.entity_id, d.channel, d.shop, d.currency, d.category, d.level, d.age, d.net_minor, d.cost_minor,
           least(coalesce(sum_exact(s.share_ppm), 0), 1000000) as share_ppm
    from due as d
    left join shares as s on d.ends_on = s.ends_on and d.channel = s.channel and d.level = s.level and s.delay > d.age
    group by d.ends_on, d.entity_id, d.channel, d.shop, d.currency, d.category, d.level, d.age, d.net_minor, d.cost_minor
)
select
    cast(ends_on as date) as ends_on,
    cast(entity_id as varchar) as entity_id,
    cast(channel as varchar) as channel,
    cast(shop as varchar) as shop,
    cast(currency as varchar) as currency,
    cast(category as varchar) as category,
    cast(sum_exact(half_up_div(product_exact(net_minor, share_ppm), 1000000)) as bigint) as expected_minor,
    cast(sum_exact(half_up_div(product_exact(cost_minor, share_ppm), 1000000)) as bigint) as cost_minor
from rated
group by ends_on, entity_id, channel, shop, currency, category
