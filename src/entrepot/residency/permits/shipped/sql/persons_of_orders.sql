-- Who stands behind orders: the buyer, else the order itself, which may count one person several times and never none; and
-- who receives, where that is somebody else. An order is as sensitive as its most sensitive article.
with articles as (
    select p.order_key, min(s.sensitivity) as sensitivity
    from order_pieces as p join skus as s on p.sku_id = s.sku_id
    where s.sensitivity in ('health', 'intimate', 'child') group by p.order_key
),
known as (
    select o.order_key, o.month, p.shop, a.sensitivity, o.buyer_key
    from orders as o join order_positions as p on o.order_key = p.order_key
    left join articles as a on o.order_key = a.order_key
),
found as (
    select month as part, shop, coalesce(buyer_key, 'order:' || order_key) as person_key, 'buyer' as subject, sensitivity,
           buyer_key is not null as is_linked
    from known
    union all
    select k.month as part, k.shop, d.person_key, 'recipient' as subject, k.sensitivity, true as is_linked
    from known as k join addresses as d on k.order_key = d.order_key
    where d.person_key is not null and d.role = 'recipient'
)
select
    cast(part as varchar) as part, cast(shop as varchar) as shop, cast(person_key as varchar) as person_key,
    cast(subject as varchar) as subject, cast(sensitivity as varchar) as sensitivity, cast(is_linked as boolean) as is_linked
from found
