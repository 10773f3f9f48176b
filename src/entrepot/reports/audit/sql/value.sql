-- What the orders of a channel are worth, per currency and in the reporting currency at the newest rate: to put platforms in order.
with valued as (
    select channel, currency, count(*) as orders, sum_exact(paid_minor + third_party_minor) as amount_minor
    from order_positions
    where is_paid
    group by channel, currency
)
select
    cast(v.channel as varchar) as channel,
    cast(v.currency as varchar) as currency,
    cast(v.orders as bigint) as paid_orders,
    cast(case when v.currency = r.reporting_currency then v.amount_minor
              when f.per_euro_e6 is null or t.per_euro_e6 is null then 0
              else half_up_div(product_exact(product_exact(v.amount_minor, t.per_euro_e6), s.to_scale),
                               product_exact(f.per_euro_e6, s.from_scale)) end as bigint) as value_minor
from valued as v
cross join reporting as r
left join currency_scales as s on v.currency = s.from_currency and r.reporting_currency = s.to_currency
left join newest_rates as f on v.currency = f.currency
left join newest_rates as t on r.reporting_currency = t.currency
