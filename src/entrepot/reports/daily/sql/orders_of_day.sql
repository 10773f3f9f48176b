-- Orders placed and paid on the day of `asked`, and the value placed, per channel in the reporting currency.
with counted as (
    select o.channel, o.currency, d.on_day,
        sum_exact(case when o.placed_on = d.on_day then 1 else 0 end) as orders_placed,
        sum_exact(case when o.paid_on = d.on_day then 1 else 0 end) as orders_paid,
        sum_exact(case when o.placed_on = d.on_day then o.placed_minor else 0 end) as gmv_minor
    from dated_orders as o cross join asked as d
    where o.placed_on = d.on_day or o.paid_on = d.on_day
    group by o.channel, o.currency, d.on_day
),
translated as (
    select c.channel, c.orders_placed, c.orders_paid, r.reporting_currency,
        case when c.currency = r.reporting_currency then c.gmv_minor
             when f.per_euro_e6 is null or t.per_euro_e6 is null then 0  -- the exception `fx_missing`
             else half_up_div(product_exact(product_exact(c.gmv_minor, t.per_euro_e6), s.to_scale),
                              product_exact(f.per_euro_e6, s.from_scale)) end as gmv_minor
    from counted as c
    cross join reporting as r
    left join currency_scales as s on c.currency = s.from_currency and r.reporting_currency = s.to_currency
    left join fx_days as f on c.currency = f.currency and c.on_day = f.on_day
    left join fx_days as t on r.reporting_currency = t.currency and c.on_day = t.on_day
)
select
    cast(channel as varchar) as channel,
    cast(sum_exact(orders_placed) as bigint) as orders_placed,
    cast(sum_exact(orders_paid) as bigint) as orders_paid,
    cast(sum_exact(gmv_minor) as bigint) as gmv_minor,
    cast(reporting_currency as varchar) as currency
from translated
group by channel, reporting_currency
