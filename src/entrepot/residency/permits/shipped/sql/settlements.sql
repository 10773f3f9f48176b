-- What platforms paid, kept and took, by day in UTC+8. A line without a time stands under the month `all`.
with dated as (
    select strftime(booked_at + interval 8 hour, '%Y-%m-%d') as day_text, channel, shop, kind, fee_code, currency, amount_minor
    from settlement_lines
)
select
    cast(coalesce(substr(day_text, 1, 7), 'all') as varchar) as month, cast(day_text as date) as booked_on,
    cast(channel as varchar) as channel, cast(shop as varchar) as shop, cast(kind as varchar) as kind,
    cast(fee_code as varchar) as fee_code, cast(currency as varchar) as currency,
    cast(sum_exact(amount_minor) as bigint) as amount_minor, cast(count(*) as bigint) as lines
from dated
group by day_text, channel, shop, kind, fee_code, currency
