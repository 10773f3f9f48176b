-- Parts of the figures of reports/sql/fx_sources.sql: the days' rates, per euro, whose mean is taken, ours and the dollar's.
with rated as (
    select currency, substr(cast(on_day as varchar), 1, 7) as month, rate_source || ' ' || cast(on_day as varchar) as part, per_euro_e6
    from fx_days where rate_on = on_day
),
found as (
    select currency, month, 'days' as figure, 'part' as role, part, 1 as amount from rated
    union all
    select currency, month, 'per_euro_e6' as figure, 'numerator' as role, part, per_euro_e6 as amount from rated
    union all
    select b.currency, b.month, 'usd_per_euro_e6' as figure, n.role, r.part, case n.role when 'numerator' then r.per_euro_e6 else 1 end as amount
    from ours as b join rated as r on b.month = r.month cross join (values ('numerator'), ('denominator')) as n(role)
    where r.currency = 'USD'
    union all
    select currency, month, 'second_per_usd_e6' as figure, 'part' as role, 'fed_h10' as part, per_usd_e6 as amount from second_rates
)
select
    cast(currency as varchar) as currency,
    cast(month as varchar) as month,
    cast(figure as varchar) as figure,
    cast(role as varchar) as role,
    cast(part as varchar) as part,
    cast(amount as bigint) as amount
from found
