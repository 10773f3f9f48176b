-- What the platforms have paid for recognised orders, what is still with them, and by how much it differs.
select
    cast(channel as varchar) as channel,
    cast(shop as varchar) as shop,
    cast(currency as varchar) as currency,
    cast(settlement_state as varchar) as settlement_state,
    cast(count(*) as bigint) as orders,
    cast(sum_exact(expected_minor) as bigint) as expected_minor,
    cast(sum_exact(coalesce(income_minor, 0)) as bigint) as income_minor,
    cast(sum_exact(case when income_minor is null then 0 else income_minor - expected_minor end) as bigint) as difference_minor
from order_positions
where recognised_at is not null
group by channel, shop, currency, settlement_state
