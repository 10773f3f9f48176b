-- Who receives consignments: the person, else the order itself.
with articles as (
    select p.order_key, min(s.sensitivity) as sensitivity
    from order_pieces as p join skus as s on p.sku_id = s.sku_id
    where s.sensitivity in ('health', 'intimate', 'child') group by p.order_key
),
found as (
    select d.month as part, p.shop, coalesce(d.person_key, 'order:' || d.order_key) as person_key, 'recipient' as subject, a.sensitivity,
           d.person_key is not null as is_linked
    from addresses as d
    join order_positions as p on d.order_key = p.order_key
    left join articles as a on d.order_key = a.order_key
    where d.role = 'recipient' and p.sale_model in (select sale_model from permitted_sale_models)
)
select
    cast(part as varchar) as part, cast(shop as varchar) as shop, cast(person_key as varchar) as person_key,
    cast(subject as varchar) as subject, cast(sensitivity as varchar) as sensitivity, cast(is_linked as boolean) as is_linked
from found
