-- The estimate of each earlier period end beside what was refunded in the 60 days after it, net of VAT, by channel.
-- Days after the period that is being closed do not count: `known_to` says up to which day the books are known.
with came as (
    select d.ends_on, p.channel, p.shop, p.currency,
           case when x.gross_minor > 0
                then half_up_div(product_exact(r.amount_minor, x.gross_minor - x.vat_minor), x.gross_minor) else 0 end as net_minor
    from refund_pieces as r
    join refunds as f on r.refund_id = f.refund_id
    join order_pieces as x on r.order_key = x.order_key and r.piece_no = x.piece_no
    join order_positions as p on r.order_key = p.order_key
    cross join as_of as d
    cross join closing as c
    where f.stage = 'after_recognition' and x.kind <> 'tax' and p.recognised_on <= d.ends_on
      and f.accounting_date > d.ends_on and f.accounting_date <= c.ends_on
      and date_diff('day', d.ends_on, f.accounting_date) <= 60
),
sums as (
    select ends_on, channel, shop, currency, sum_exact(net_minor) as came_minor from came group by ends_on, channel, shop, currency
),
estimates as (
    select ends_on, channel, shop, currency, sum_exact(expected_minor) as expected_minor
    from return_estimate group by ends_on, channel, shop, currency
)
select
    cast(e.ends_on as date) as ends_on,
    cast(e.channel as varchar) as channel,
    cast(e.shop as varchar) as shop,
    cast(e.currency as varchar) as currency,
    cast(e.expected_minor as bigint) as expected_minor,
    cast(coalesce(s.came_minor, 0) as bigint) as came_minor,
    cast(date_diff('day', e.ends_on, c.ends_on) >= 60 as boolean) as is_complete
from estimates as e cross join closing as c
left join sums as s on e.ends_on = s.ends_on and e.channel = s.channel and e.shop = s.shop and e.currency = s.currency
join (select h.channel, h.shop from shops as h join closing_entities as o on h.entity_id = o.entity_id) as k on e.channel = k.channel and e.shop = k.shop
where e.ends_on < c.ends_on and (e.expected_minor <> 0 or s.came_minor is not null)
