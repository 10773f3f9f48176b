-- What platforms owe of recognised orders, by the days since revenue was recognised, as of the last day of the books.
-- Amounts in the order's currency and, at that day's rate, in the reporting currency. An order is owed while nothing of
-- it was settled: its state is `in_escrow`, so the sums are those of the report settlement_status.
with last_day as (
    -- A closing, a booking by hand or a bank statement may be dated later than orders and settlements reach.
    select coalesce(max(case when cause_kind in ('order', 'refund', 'settlement_line', 'ad_spend') then accounting_date end),
                    max(accounting_date)) as as_of
    from ledger_entries where book = 'local'
),
owed as (
    select p.channel, p.shop, p.currency, d.as_of, coalesce(p.recognised_on, cast(p.recognised_at as date)) as recognised_on,
           p.expected_minor
    from order_positions as p cross join last_day as d
    where p.settlement_state = 'in_escrow' and p.recognised_at is not null
),
daily as (
    select channel, shop, currency, as_of, date_diff('day', recognised_on, as_of) as days, count(*) as orders,
           sum_exact(expected_minor) as owed_minor
    from owed
    group by channel, shop, currency, as_of, date_diff('day', recognised_on, as_of)
),
translated as (
    select d.*, r.reporting_currency,
        case when d.currency = r.reporting_currency then d.owed_minor
             when f.per_euro_e6 is null or t.per_euro_e6 is null then 0  -- the exception `fx_missing`
             else half_up_div(product_exact(product_exact(d.owed_minor, t.per_euro_e6), s.to_scale),
                              product_exact(f.per_euro_e6, s.from_scale)) end as translated_minor,
        case when d.days <= 7 then '0-7' when d.days <= 15 then '8-15' when d.days <= 30 then '16-30' else '31+' end as days_owed
    from daily as d
    cross join reporting as r
    left join currency_scales as s on d.currency = s.from_currency and r.reporting_currency = s.to_currency
    left join fx_days as f on d.currency = f.currency and d.as_of = f.on_day
    left join fx_days as t on r.reporting_currency = t.currency and d.as_of = t.on_day
)
select
    cast(channel as varchar) as channel,
    cast(shop as varchar) as shop,
    cast(currency as varchar) as currency,
    cast(days_owed as varchar) as days_owed,
    cast(sum_exact(orders) as bigint) as orders,
    cast(sum_exact(owed_minor) as bigint) as owed_minor,
    cast(sum_exact(translated_minor) as bigint) as translated_minor,
    cast(reporting_currency as varchar) as reporting_currency,
    cast(as_of as date) as as_of
from translated
group by channel, shop, currency, days_owed, reporting_currency, as_of
