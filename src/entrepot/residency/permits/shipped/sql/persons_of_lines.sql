-- Who stands behind pieces of orders: the same persons as behind the orders.
with articles as (
    select p.order_key, min(case when s.sensitivity in ('health', 'intimate', 'child') then s.sensitivity end) as sensitivity
    from order_pieces as p join skus as s on p.sku_id = s.sku_id group by p.order_key
),
known as (
    select p.order_key, p.shop, max(o.month) as month, max(o.buyer_key) as buyer_key, max(a.sensitivity) as sensitivity
    from order_pieces as p join orders as o on p.order_key = o.order_key
    left join articles as a on p.order_key = a.order_key
    group by p.order_key, p.shop
)
select month as part, shop, coalesce(buyer_key, 'order:' || order_key) as person_key, 'buyer' as subject, sensitivity,
       buyer_key is not null as is_linked
from known
union all
select k.month as part, k.shop, d.person_key, 'recipient' as subject, k.sensitivity, true as is_linked
from known as k join addresses as d on k.order_key = d.order_key
where d.person_key is not null and d.role = 'recipient'
