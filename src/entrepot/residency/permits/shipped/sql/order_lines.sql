-- Pieces of orders.
select
    cast(o.month as varchar) as month, cast(p.order_key as varchar) as order_key, cast(p.piece_no as bigint) as piece_no,
    cast(p.kind as varchar) as kind, cast(p.channel as varchar) as channel, cast(p.shop as varchar) as shop,
    cast(p.sku_id as varchar) as sku_id, cast(p.quantity as bigint) as quantity, cast(p.currency as varchar) as currency,
    cast(p.gross_minor as bigint) as gross_minor, cast(p.vat_minor as bigint) as vat_minor, cast(p.refund_minor as bigint) as refund_minor
from order_pieces as p join orders as o on p.order_key = o.order_key
