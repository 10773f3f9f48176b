-- Refunds that are still to come for sales of the period and before: less revenue, and by policy the goods that come
-- back fit for sale. Reversed on the next day, when refunds themselves begin to count.
with estimated as (
    select e.entity_id, e.channel, e.shop, e.currency, sum_exact(e.expected_minor) as expected_minor,
           sum_exact(half_up_div(product_exact(e.cost_minor, p.goods_back_bp), 10000)) as back_minor
    from return_estimate as e cross join closing as c cross join closing_policies as p
    where e.ends_on = c.ends_on
    group by e.entity_id, e.channel, e.shop, e.currency
),
sides as (
    select *, 'revenue_reduction' as account, expected_minor as amount_minor from estimated
    union all
    select *, 'refund_liability' as account, -expected_minor as amount_minor from estimated
    union all
    select *, 'return_asset' as account, back_minor as amount_minor from estimated
    union all
    select *, 'cogs' as account, -back_minor as amount_minor from estimated
)
select
    cast(true as boolean) as is_reversed, cast(entity_id as varchar) as entity_id, cast(channel as varchar) as channel,
    cast(shop as varchar) as shop, cast(null as varchar) as wallet_id, cast(account as varchar) as account,
    cast(currency as varchar) as currency, cast(amount_minor as bigint) as amount_minor,
    cast(null as bigint) as functional_minor
from sides
where amount_minor <> 0
