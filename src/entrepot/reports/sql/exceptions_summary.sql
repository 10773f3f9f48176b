-- Exceptions by kind, platform and shop, with the amount at stake.
select
    cast(kind as varchar) as kind,
    cast(channel as varchar) as channel,
    cast(shop as varchar) as shop,
    cast(currency as varchar) as currency,
    cast(count(*) as bigint) as items,
    cast(sum_exact(abs(amount_minor)) as bigint) as at_stake_minor
from exceptions
group by kind, channel, shop, currency
