-- Recipients of orders of shops that sell across the border.
select
    cast(d.month as varchar) as month, cast(o.order_id as varchar) as order_id, cast(d.channel as varchar) as channel,
    cast(p.shop as varchar) as shop, cast(d.name as varchar) as name, cast(d.mobile as varchar) as mobile,
    cast(d.address as varchar) as address, cast(o.fulfilment_state as varchar) as fulfilment_state,
    cast(o.customs_state as varchar) as customs_state
from addresses as d
join orders as o on d.order_key = o.order_key
join order_positions as p on d.order_key = p.order_key
where d.role = 'recipient' and p.sale_model in (select sale_model from permitted_sale_models)
