-- The bridge of `daily_bridge` (its shop is a day) per channel in the reporting currency. The levels are translated; the
-- steps between follow from them, so that they add up whatever is rounded.
with amounts as (
    select channel, shop as on_day, currency, orders, 'placed' as step, placed_minor as amount_minor from daily_bridge
    union all
    select channel, shop as on_day, currency, 0 as orders, 'unpaid' as step, unpaid_minor as amount_minor from daily_bridge
    union all
    select channel, shop as on_day, currency, 0 as orders, 'paid' as step, paid_minor as amount_minor from daily_bridge
    union all
    select channel, shop as on_day, currency, 0 as orders, 'closed' as step, closed_before_recognition_minor as amount_minor from daily_bridge
    union all
    select channel, shop as on_day, currency, 0 as orders, 'shipped' as step, shipped_minor as amount_minor from daily_bridge
    union all
    select channel, shop as on_day, currency, 0 as orders, 'recognised' as step, recognised_minor as amount_minor from daily_bridge
    union all
    select channel, shop as on_day, currency, 0 as orders, 'net' as step, net_minor as amount_minor from daily_bridge
),
translated as (
    select a.channel, a.orders, a.step, r.reporting_currency,
        case when a.currency = r.reporting_currency then a.amount_minor
             when f.per_euro_e6 is null or t.per_euro_e6 is null then 0  -- the exception `fx_missing`
             else half_up_div(product_exact(product_exact(a.amount_minor, t.per_euro_e6), s.to_scale),
                              product_exact(f.per_euro_e6, s.from_scale)) end as amount_minor
    from amounts as a
    cross join reporting as r
    left join currency_scales as s on a.currency = s.from_currency and r.reporting_currency = s.to_currency
    left join fx_days as f on a.currency = f.currency and a.on_day = cast(f.on_day as varchar)
    left join fx_days as t on r.reporting_currency = t.currency and a.on_day = cast(t.on_day as varchar)
),
levels as (
    select channel, reporting_currency, sum_exact(orders) as orders,
        sum_exact(case when step = 'placed' then amount_minor else 0 end) as placed_minor,
        sum_exact(case when step = 'unpaid' then amount_minor else 0 end) as unpaid_minor,
        sum_exact(case when step = 'paid' then amount_minor else 0 end) as paid_minor,
        sum_exact(case when step = 'closed' then amount_minor else 0 end) as closed_minor,
        sum_exact(case when step = 'shipped' then amount_minor else 0 end) as shipped_minor,
        sum_exact(case when step = 'recognised' then amount_minor else 0 end) as recognised_minor,
        sum_exact(case when step = 'net' then amount_minor else 0 end) as net_minor
    from translated
    group by channel, reporting_currency
)
select
    cast(channel as varchar) as channel,
    cast(reporting_currency as varchar) as currency,
    cast(orders as bigint) as orders,
    cast(placed_minor as bigint) as placed_minor,
    cast(unpaid_minor as bigint) as unpaid_minor,
    cast(paid_minor - placed_minor - unpaid_minor as bigint) as third_party_minor,
    cast(paid_minor as bigint) as paid_minor,
    cast(closed_minor as bigint) as closed_before_recognition_minor,
    cast(shipped_minor - paid_minor - closed_minor as bigint) as not_shipped_minor,
    cast(shipped_minor as bigint) as shipped_minor,
    cast(recognised_minor - shipped_minor as bigint) as not_recognised_minor,
    cast(recognised_minor as bigint) as recognised_minor,
    cast(net_minor - recognised_minor as bigint) as refunds_minor,
    cast(net_minor as bigint) as net_minor
from levels
