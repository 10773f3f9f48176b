-- Our figure beside the seller centre's own, per shop, day or month and measure. What one side may count and the other not
-- is computed; it counts as the reason only where one smallest set of such things meets the difference to the cent, and no
-- other set of that size does: docs/reference/reports/platform_figures.md. Ours + differences + unexplained = theirs.
with orders_valued as (
    select 'order/' || o.order_key as part, o.channel, p.shop, o.currency, h.business_zone, p.is_paid, o.placed_at,
        coalesce(o.paid_at, o.shipped_at, o.confirmed_at, o.placed_at) as paid_at,
        p.goods_minor + p.shipping_minor + p.tax_minor - p.discount_merchant_minor - p.discount_platform_minor - p.discount_other_minor as placed_minor,
        p.paid_minor + p.tender_minor as bought_minor, p.tender_minor, p.shipping_minor,
        p.discount_platform_minor + p.discount_other_minor as third_party_minor,
        p.state in ('cancelled_unpaid', 'closed_refunded', 'group_failed', 'lottery_lost') as is_closed
    from orders as o
    join order_positions as p on o.order_key = p.order_key
    join shops as h on p.shop = h.shop and p.channel = h.channel
),
happened as (
    select part, channel, shop, currency, business_zone, 'placed' as measure, placed_at as event_at, placed_minor as amount_minor,
        case when is_paid then 0 else -placed_minor end as unpaid_minor, case when is_closed and is_paid then -placed_minor else 0 end as closed_minor,
        -tender_minor as points_minor, -shipping_minor as shipping_minor, third_party_minor, 0 as refunds_minor
    from orders_valued
    union all
    select part, channel, shop, currency, business_zone, 'paid' as measure, paid_at as event_at, bought_minor as amount_minor,
        0 as unpaid_minor, case when is_closed then -bought_minor else 0 end as closed_minor,
        -tender_minor as points_minor, -shipping_minor as shipping_minor, third_party_minor, 0 as refunds_minor
    from orders_valued where is_paid
    union all
    -- Orders that are placed and not paid, where theirs counts them as paid.
    select part, channel, shop, currency, business_zone, 'paid' as measure, placed_at as event_at, 0 as amount_minor,
        placed_minor as unpaid_minor, 0 as closed_minor, 0 as points_minor, 0 as shipping_minor, 0 as third_party_minor, 0 as refunds_minor
    from orders_valued where not is_paid
    union all
    select 'order/' || r.order_key as part, r.channel, r.shop, r.currency, h.business_zone, m.measure, coalesce(r.refunded_at, cast(r.accounting_date as timestamptz)) as event_at,
        case when m.measure = 'refunded' then r.amount_minor else 0 end as amount_minor, 0 as unpaid_minor, 0 as closed_minor, 0 as points_minor,
        0 as shipping_minor, 0 as third_party_minor, case when m.measure = 'paid' then -r.amount_minor else 0 end as refunds_minor
    from refunds as r join shops as h on r.shop = h.shop and r.channel = h.channel
    cross join (values ('paid'), ('refunded')) as m(measure)
),
dated as (
    select e.*, cast(case when e.event_at < z.split_at then z.day_before else z.day_after end as varchar) as local_day,
        cast(cast(e.event_at as date) as varchar) as utc_day
    from happened as e join zone_days as z on e.business_zone = z.zone and cast(e.event_at as date) = z.utc_day
),
local as (
    select s.platform, s.shop, s.stated_for, s.measure, s.currency, sum_exact(e.amount_minor) as ours_minor, sum_exact(e.unpaid_minor) as c1,
        sum_exact(e.closed_minor) as c2, sum_exact(e.points_minor) as c3, sum_exact(e.shipping_minor) as c4,
        sum_exact(e.third_party_minor) as c5, sum_exact(e.refunds_minor) as c6
    from stated_figures as s
    join dated as e on s.platform = e.channel and s.shop = e.shop and s.measure = e.measure and s.currency = e.currency
        and (s.stated_for = e.local_day or s.stated_for = substr(e.local_day, 1, 7))
    group by s.platform, s.shop, s.stated_for, s.measure, s.currency
),
in_utc as (
    select s.platform, s.shop, s.stated_for, s.measure, s.currency, sum_exact(e.amount_minor) as utc_minor
    from stated_figures as s
    join dated as e on s.platform = e.channel and s.shop = e.shop and s.measure = e.measure and s.currency = e.currency
        and (s.stated_for = e.utc_day or s.stated_for = substr(e.utc_day, 1, 7))
    group by s.platform, s.shop, s.stated_for, s.measure, s.currency
),
both_sides as (
    select s.platform, s.shop, s.stated_for, s.measure, s.currency, s.figure_source, s.amount_minor as theirs_minor,
        coalesce(l.ours_minor, 0) as ours_minor, s.amount_minor - coalesce(l.ours_minor, 0) as difference_minor,
        coalesce(l.c1, 0) as c1, coalesce(l.c2, 0) as c2, coalesce(l.c3, 0) as c3, coalesce(l.c4, 0) as c4, coalesce(l.c5, 0) as c5,
        coalesce(l.c6, 0) as c6, coalesce(u.utc_minor, 0) - coalesce(l.ours_minor, 0) as c7
    from stated_figures as s
    left join local as l on s.platform = l.platform and s.shop = l.shop and s.stated_for = l.stated_for and s.measure = l.measure and s.currency = l.currency
    left join in_utc as u on s.platform = u.platform and s.shop = u.shop and s.stated_for = u.stated_for and s.measure = u.measure and s.currency = u.currency
),
sets as (
    select b1.b as b1, b2.b as b2, b3.b as b3, b4.b as b4, b5.b as b5, b6.b as b6, b7.b as b7,
        b1.b + b2.b + b3.b + b4.b + b5.b + b6.b + b7.b as size
    from (values (0), (1)) as b1(b) cross join (values (0), (1)) as b2(b) cross join (values (0), (1)) as b3(b)
    cross join (values (0), (1)) as b4(b) cross join (values (0), (1)) as b5(b) cross join (values (0), (1)) as b6(b)
    cross join (values (0), (1)) as b7(b)
),
meeting as (
    select s.platform, s.shop, s.stated_for, s.measure, s.currency, t.b1, t.b2, t.b3, t.b4, t.b5, t.b6, t.b7, t.size
    from both_sides as s cross join sets as t
    where (t.b1 = 0 or s.c1 <> 0) and (t.b2 = 0 or s.c2 <> 0) and (t.b3 = 0 or s.c3 <> 0) and (t.b4 = 0 or s.c4 <> 0)
      and (t.b5 = 0 or s.c5 <> 0) and (t.b6 = 0 or s.c6 <> 0) and (t.b7 = 0 or s.c7 <> 0)
      and s.difference_minor = case when t.b1 = 1 then s.c1 else 0 end + case when t.b2 = 1 then s.c2 else 0 end
          + case when t.b3 = 1 then s.c3 else 0 end + case when t.b4 = 1 then s.c4 else 0 end + case when t.b5 = 1 then s.c5 else 0 end
          + case when t.b6 = 1 then s.c6 else 0 end + case when t.b7 = 1 then s.c7 else 0 end
),
smallest as (
    select *, min(size) over (partition by platform, shop, stated_for, measure, currency) as least_size from meeting
),
alone as (
    select *, count(*) over (partition by platform, shop, stated_for, measure, currency) as n from smallest where size = least_size
),
judged as (
    select s.*, a.size, coalesce(a.b1, 0) as b1, coalesce(a.b2, 0) as b2, coalesce(a.b3, 0) as b3, coalesce(a.b4, 0) as b4,
        coalesce(a.b5, 0) as b5, coalesce(a.b6, 0) as b6, coalesce(a.b7, 0) as b7
    from both_sides as s
    left join alone as a on s.platform = a.platform and s.shop = a.shop and s.stated_for = a.stated_for and s.measure = a.measure
        and s.currency = a.currency and a.n = 1
),
lines as (
    select j.platform, j.shop, j.stated_for, j.measure, j.currency, j.figure_source, n.no, n.step,
        case n.no when 10 then j.ours_minor when 21 then j.c1 when 22 then j.c2 when 23 then j.c3 when 24 then j.c4 when 25 then j.c5
            when 26 then j.c6 when 27 then j.c7 when 40 then j.theirs_minor
            else case when j.size is null then j.difference_minor else 0 end end as amount_minor,
        case when n.no = 10 then 'start' when n.no = 40 then 'subtotal' when n.no = 39 then 'difference'
            when (n.no = 21 and j.b1 = 1) or (n.no = 22 and j.b2 = 1) or (n.no = 23 and j.b3 = 1) or (n.no = 24 and j.b4 = 1)
                or (n.no = 25 and j.b5 = 1) or (n.no = 26 and j.b6 = 1) or (n.no = 27 and j.b7 = 1) then 'difference'
            else 'possible' end as role
    from judged as j
    cross join (values (10, 'our_figure'), (21, 'unpaid_orders'), (22, 'closed_orders'), (23, 'points_and_gift_cards'), (24, 'shipping_revenue'),
        (25, 'paid_by_third_parties'), (26, 'refunds_inside_the_period'), (27, 'days_in_utc'), (39, 'unexplained'),
        (40, 'their_figure')) as n(no, step)
)
select
    cast(platform as varchar) as channel,
    cast(shop as varchar) as shop,
    cast(substr(stated_for, 1, 7) as varchar) as month,
    cast(stated_for as varchar) as stated_for,
    cast(measure as varchar) as measure,
    cast(no as bigint) as line_no,
    cast(step as varchar) as step,
    cast(role as varchar) as role,
    cast(amount_minor as bigint) as amount_minor,
    cast(currency as varchar) as currency,
    cast(figure_source as varchar) as figure_source
from lines
where amount_minor <> 0 or no in (10, 40)
