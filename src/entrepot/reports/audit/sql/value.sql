-- What the paid orders of a channel are worth, per currency, with what translates it into the reporting currency at the
-- newest rate. The sum over a whole folder times a rate can be larger than a BIGINT, so the caller multiplies.
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
    cast(v.amount_minor as bigint) as amount_minor,
    cast(case when v.currency = r.reporting_currency then 1 else t.per_euro_e6 end as bigint) as to_rate,
    cast(case when v.currency = r.reporting_currency then 1 else f.per_euro_e6 end as bigint) as from_rate,
    cast(coalesce(s.to_scale, 1) as bigint) as to_scale,
    cast(coalesce(s.from_scale, 1) as bigint) as from_scale
from valued as v
cross join reporting as r
left join currency_scales as s on v.currency = s.from_currency and r.reporting_currency = s.to_currency
left join newest_rates as f on v.currency = f.currency
left join newest_rates as t on r.reporting_currency = t.currency
