-- What is in consignments of shops that sell across the border.
select
    cast(o.month as varchar) as month, cast(o.order_id as varchar) as order_id, cast(p.shop as varchar) as shop,
    cast(p.sku_id as varchar) as sku_id, cast(p.quantity as bigint) as quantity
from order_pieces as p
join orders as o on p.order_key = o.order_key
join order_positions as q on p.order_key = q.order_key
where p.kind = 'line' and q.sale_model in (select sale_model from permitted_sale_models)
