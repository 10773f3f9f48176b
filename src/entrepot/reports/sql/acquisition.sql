-- What new buyers cost, per channel and month: advertising of the ledger beside people who bought for the first time in
-- this cell. Person keys are counted here and go no further: docs/reference/reports/acquisition.md.
with buyers as (select distinct person_key, channel from persons where role = 'buyer'),
paid as (
    select o.order_key, o.channel, h.business_zone, b.person_key,
        coalesce(o.paid_at, o.shipped_at, o.confirmed_at, o.placed_at) as bought_at
    from orders as o
    join order_positions as p on o.order_key = p.order_key
    join shops as h on p.shop = h.shop and p.channel = h.channel
    left join buyers as b on o.buyer_key = b.person_key and o.channel = b.channel
    where p.is_paid and o.order_kind in ('sale', 'presale', 'split_part')
),
dated as (
    select p.order_key, p.channel, p.person_key, p.bought_at,
        substr(cast(case when p.bought_at < z.split_at then z.day_before else z.day_after end as varchar), 1, 7) as month
    from paid as p join zone_days as z on p.business_zone = z.zone and cast(p.bought_at as date) = z.utc_day
),
ranked as (
    select channel, month, person_key, row_number() over (partition by person_key order by bought_at, order_key) as nth
    from dated where person_key is not null
),
people as (
    select channel, month, count(distinct person_key) as buyers, sum_exact(case when nth = 1 then 1 else 0 end) as new_buyers
    from ranked group by channel, month
),
spent as (
    select e.channel, e.period as month, e.accounting_date, e.currency,
        sum_exact(case when e.account = 'ad_spend' then e.amount_minor else 0 end) as spend_minor,
        sum_exact(case when e.account = 'ad_spend' then 0 else e.amount_minor end) as commission_minor
    from ledger_entries as e
    where e.account in ('ad_spend', 'fee:affiliate_commission') and e.book = 'local'
    group by e.channel, e.period, e.accounting_date, e.currency
),
translated as (
    select s.channel, s.month,
        case when s.currency = r.reporting_currency then s.spend_minor
             when f.per_euro_e6 is null or t.per_euro_e6 is null then 0  -- the exception `fx_missing`
             else half_up_div(product_exact(product_exact(s.spend_minor, t.per_euro_e6), c.to_scale),
                              product_exact(f.per_euro_e6, c.from_scale)) end as spend_minor,
        case when s.currency = r.reporting_currency then s.commission_minor
             when f.per_euro_e6 is null or t.per_euro_e6 is null then 0
             else half_up_div(product_exact(product_exact(s.commission_minor, t.per_euro_e6), c.to_scale),
                              product_exact(f.per_euro_e6, c.from_scale)) end as commission_minor
    from spent as s
    cross join reporting as r
    left join currency_scales as c on s.currency = c.from_currency and r.reporting_currency = c.to_currency
    left join fx_days as f on s.currency = f.currency and s.accounting_date = f.on_day
    left join fx_days as t on r.reporting_currency = t.currency and s.accounting_date = t.on_day
),
parts as (
    select channel, month, count(*) as orders, sum_exact(case when person_key is null then 1 else 0 end) as nameless,
        0 as buyers, 0 as new_buyers, 0 as spend_minor, 0 as commission_minor
    from dated group by channel, month
    union all
    select channel, month, 0 as orders, 0 as nameless, buyers, new_buyers, 0 as spend_minor, 0 as commission_minor from people
    union all
    select channel, month, 0 as orders, 0 as nameless, 0 as buyers, 0 as new_buyers, spend_minor, commission_minor from translated
),
summed as (
    select channel, month, sum_exact(orders) as orders, sum_exact(nameless) as nameless, sum_exact(buyers) as buyers,
        sum_exact(new_buyers) as new_buyers, sum_exact(spend_minor) as spend_minor, sum_exact(commission_minor) as commission_minor
    from parts group by channel, month
),
shared as (select *, sum_exact(spend_minor) over (partition by month) as month_minor from summed)
select
    cast(s.channel as varchar) as channel,
    cast(s.month as varchar) as month,
    cast(s.orders as bigint) as orders,
    cast(s.nameless as bigint) as orders_without_person,
    cast(case when s.orders = 0 then 'no_orders' when s.nameless = 0 then 'yes' when s.nameless = s.orders then 'no' else 'in_part' end as varchar)
        as buyers_known,
    cast(case when s.orders > s.nameless then s.buyers end as bigint) as buyers,
    cast(case when s.orders > s.nameless then s.new_buyers end as bigint) as new_buyers,
    cast(case when s.orders > s.nameless then s.buyers - s.new_buyers end as bigint) as returning_buyers,
    cast(s.spend_minor as bigint) as spend_minor,
    cast(case when s.month_minor > 0 then half_up_div(product_exact(s.spend_minor, 10000), s.month_minor) end as bigint) as spend_share_bp,
    cast(s.commission_minor as bigint) as commission_minor,
    cast(case when s.nameless = 0 and s.new_buyers > 0 then half_up_div(s.spend_minor, s.new_buyers) end as bigint)
        as cost_per_new_buyer_minor,
    cast(case when s.nameless = 0 and s.new_buyers > 0 then half_up_div(plus_exact(s.spend_minor, s.commission_minor), s.new_buyers) end as bigint)
        as cost_with_commission_minor,
    cast(r.reporting_currency as varchar) as currency
from shared as s cross join reporting as r
