-- Who bought what is in consignments: the buyer, else the order itself.
with articles as (
    select p.order_key, min(s.sensitivity) as sensitivity
    from order_pieces as p join skus as s on p.sku_id = s.sku_id
    where s.sensitivity in ('health', 'intimate', 'child') group by p.order_key
),
found as (
    select o.month as part, p.shop, coalesce(o.buyer_key, 'order:' || o.order_key) as person_key, 'buyer' as subject, a.sensitivity,
           o.buyer_key is not null as is_linked
    from orders as o
    join order_positions as p on o.order_key = p.order_key
    left join articles as a on o.order_key = a.order_key
    where p.sale_model in (select sale_model from permitted_sale_models)
)
select
    cast(part as varchar) as part, cast(shop as varchar) as shop, cast(person_key as varchar) as person_key,
    cast(subject as varchar) as subject, cast(sensitivity as varchar) as sensitivity, cast(is_linked as boolean) as is_linked
from found
