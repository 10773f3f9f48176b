-- Rates of imported lists as units per euro. A list that prices other currencies in its own (the central parity does)
-- usually prices the euro too; where it does not, the shipped rate between its currency and the euro of that day serves.
with legs as (
    select rate_source, rate_on, quote_currency, rate_e9 from listed_rates where base_currency = 'EUR'
),
found as (
    select rate_source, rate_on, quote_currency as currency, half_up_div(rate_e9, 1000) as per_euro_e6, 1 as turn from legs
    union all
    select l.rate_source, l.rate_on, l.base_currency as currency,
           half_up_div(product_exact(coalesce(e.rate_e9, product_exact(s.per_euro_e6, 1000)), 1000000), l.rate_e9) as per_euro_e6,
           2 as turn
    from listed_rates as l
    left join legs as e on l.rate_source = e.rate_source and l.rate_on = e.rate_on and l.quote_currency = e.quote_currency
    left join shipped_days as s on l.quote_currency = s.currency and l.rate_on = s.on_day
    where l.base_currency <> 'EUR' and (e.rate_e9 is not null or s.per_euro_e6 is not null)
    union all
    -- A list without the euro is told in the shipped rate of its own currency on that day.
    select distinct l.rate_source, l.rate_on, l.quote_currency as currency, s.per_euro_e6, 3 as turn
    from listed_rates as l join shipped_days as s on l.quote_currency = s.currency and l.rate_on = s.on_day
    union all
    select distinct rate_source, rate_on, 'EUR' as currency, 1000000 as per_euro_e6, 0 as turn from listed_rates
),
ranked as (
    select *, row_number() over (partition by rate_source, rate_on, currency order by turn, per_euro_e6) as place from found
)
select
    cast(currency as varchar) as currency,
    cast(rate_on as date) as rate_on,
    cast(per_euro_e6 as bigint) as per_euro_e6,
    cast(rate_source as varchar) as rate_source
from ranked
where place = 1 and per_euro_e6 > 0
