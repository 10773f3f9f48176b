-- The rates that the books use beside a second source: per currency and month the mean of our days and the monthly mean
-- of the Federal Reserve, both per US dollar, and what they differ by in basis points. Months that the second source does
-- not have yet show none.
with used as (
    select currency, period as month from ledger_entries union select functional_currency as currency, period as month from ledger_entries
),
means as (
    select d.currency, substr(cast(d.on_day as varchar), 1, 7) as month, min(d.rate_source) as rate_source,
           sum_exact(d.per_euro_e6) as per_euro_sum, count(*) as days
    from fx_days as d
    where d.rate_on = d.on_day
    group by d.currency, substr(cast(d.on_day as varchar), 1, 7)
),
ours as (
    select m.currency, m.month, m.rate_source, m.days, half_up_div(m.per_euro_sum, m.days) as per_euro_e6,
        half_up_div(u.per_euro_sum, u.days) as usd_per_euro_e6,
        half_up_div(product_exact(half_up_div(m.per_euro_sum, m.days), 1000000), half_up_div(u.per_euro_sum, u.days)) as per_usd_e6
    from means as m join means as u on m.month = u.month and u.currency = 'USD'
    where m.currency <> 'USD'
),
beside as (
    select o.*, s.per_usd_e6 as second_e6
    from ours as o
    join used as k on o.currency = k.currency and o.month = k.month
    left join second_rates as s on o.currency = s.currency and o.month = s.month
)
select
    cast(currency as varchar) as currency,
    cast(month as varchar) as month,
    cast(rate_source as varchar) as rate_source,
    cast(days as bigint) as days,
    cast(per_euro_e6 as bigint) as per_euro_e6,
    cast(usd_per_euro_e6 as bigint) as usd_per_euro_e6,
    cast(per_usd_e6 as bigint) as per_usd_e6,
    cast(case when second_e6 is not null then 'fed_h10' end as varchar) as second_source,
    cast(second_e6 as bigint) as second_per_usd_e6,
    cast(case when second_e6 > 0 then half_up_div(product_exact(per_usd_e6 - second_e6, 10000), second_e6) end as bigint)
        as difference_bp
from beside
