-- Orders with what became of their money. An order of which nothing is known but its number stands under the month `all`.
select
    cast(o.month as varchar) as month, cast(o.order_key as varchar) as order_key,
    cast(coalesce(o.buyer_key, o.order_key) as varchar) as buyer_key, cast(o.channel as varchar) as channel,
    cast(p.shop as varchar) as shop, cast(o.order_kind as varchar) as order_kind, cast(o.payment_state as varchar) as payment_state,
    cast(o.commercial_state as varchar) as commercial_state, cast(o.fulfilment_state as varchar) as fulfilment_state,
    cast(o.placed_at as timestamptz) as placed_at, cast(o.paid_at as timestamptz) as paid_at,
    cast(o.shipped_at as timestamptz) as shipped_at, cast(o.currency as varchar) as currency, cast(p.goods_minor as bigint) as goods_minor,
    cast(p.shipping_minor as bigint) as shipping_minor, cast(p.discount_merchant_minor as bigint) as discount_merchant_minor,
    cast(p.discount_platform_minor as bigint) as discount_platform_minor, cast(p.discount_other_minor as bigint) as discount_other_minor,
    cast(p.paid_minor as bigint) as paid_minor, cast(p.refunded_minor as bigint) as refunded_minor
from orders as o join order_positions as p on o.order_key = p.order_key
