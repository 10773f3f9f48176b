-- What one piece of a SKU was sold for on average, before discounts, by currency.
select
    cast(l.sku_id as varchar) as sku_id,
    cast(l.currency as varchar) as currency,
    cast(half_up_div(sum_exact(l.goods_minor), sum_exact(l.quantity)) as bigint) as price_minor
from order_lines as l join skus as k on l.sku_id = k.sku_id
where l.quantity > 0 and l.goods_minor > 0
group by l.sku_id, l.currency
