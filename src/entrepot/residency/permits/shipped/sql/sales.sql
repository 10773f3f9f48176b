-- Recognised sales by day, shop and SKU. Orders are counted, never named.
with sold as (
    select o.recognised_on, o.channel, o.shop, p.sku_id, p.currency, p.quantity, p.gross_minor, p.vat_minor, p.refund_minor, p.order_key
    from order_positions as o join order_pieces as p on o.order_key = p.order_key
    where o.recognised_on is not null and p.kind = 'line'
)
select
    cast(substr(cast(recognised_on as varchar), 1, 7) as varchar) as month, cast(recognised_on as date) as recognised_on,
    cast(channel as varchar) as channel, cast(shop as varchar) as shop, cast(sku_id as varchar) as sku_id,
    cast(currency as varchar) as currency, cast(sum_exact(quantity) as bigint) as quantity,
    cast(sum_exact(gross_minor) as bigint) as gross_minor, cast(sum_exact(vat_minor) as bigint) as vat_minor,
    cast(sum_exact(refund_minor) as bigint) as refund_minor, cast(count(distinct order_key) as bigint) as orders
from sold
group by recognised_on, channel, shop, sku_id, currency
