-- From what buyers placed to what the books keep, per channel and shop, in the order's currency: accounting.md, 8.
with orders_valued as (
    select order_key, channel, shop, currency,
        goods_minor + shipping_minor + tax_minor
            - discount_merchant_minor - discount_platform_minor - discount_other_minor as placed_minor,
        paid_minor + third_party_minor as value_minor,
        discount_platform_minor + discount_other_minor as funded_minor,
        state, recognised_at, refunded_minor, is_paid,
        state in ('cancelled_unpaid', 'closed_refunded', 'group_failed', 'lottery_lost') as is_closed,
        state in ('part_shipped', 'shipped', 'delivered', 'completed') or recognised_at is not null as is_shipped
    from order_positions
    where state <> 'split'
)
select
    cast(channel as varchar) as channel,
    cast(shop as varchar) as shop,
    cast(currency as varchar) as currency,
    cast(count(*) as bigint) as orders,
    cast(sum_exact(placed_minor) as bigint) as placed_minor,
    cast(sum_exact(case when not is_paid then -placed_minor else 0 end) as bigint) as unpaid_minor,
    cast(sum_exact(case when not is_paid then 0 else value_minor - placed_minor end) as bigint) as third_party_minor,
    cast(sum_exact(case when not is_paid then 0 else value_minor end) as bigint) as paid_minor,
    cast(sum_exact(case when is_paid and is_closed then -value_minor else 0 end) as bigint) as closed_before_recognition_minor,
    cast(sum_exact(case when is_paid and not is_closed and not is_shipped then -value_minor else 0 end) as bigint) as not_shipped_minor,
    cast(sum_exact(case when is_paid and not is_closed and is_shipped then value_minor else 0 end) as bigint) as shipped_minor,
    cast(sum_exact(case when is_paid and not is_closed and is_shipped and recognised_at is null then -value_minor else 0 end) as bigint) as not_recognised_minor,
    cast(sum_exact(case when recognised_at is not null then value_minor else 0 end) as bigint) as recognised_minor,
    cast(sum_exact(case when recognised_at is not null then -refunded_minor else 0 end) as bigint) as refunds_minor,
    cast(sum_exact(case when recognised_at is not null then value_minor - refunded_minor else 0 end) as bigint) as net_minor
from orders_valued
group by channel, shop, currency
