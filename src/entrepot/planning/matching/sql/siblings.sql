-- Which known SKUs the other lines of a product or variant sell.
select
    cast(p.channel as varchar) as channel, cast(p.shop as varchar) as shop, cast('variant' as varchar) as listing_kind,
    cast(l.variant_id as varchar) as listing_id, cast(k.sku_id as varchar) as sku_id, cast(count(*) as bigint) as line_count
from order_lines as l
join skus as k on l.sku_id = k.sku_id
join order_pieces as p on l.order_key = p.order_key and l.line_id = p.line_id
where l.variant_id is not null
group by p.channel, p.shop, l.variant_id, k.sku_id
union all
select
    cast(p.channel as varchar) as channel, cast(p.shop as varchar) as shop, cast('listing' as varchar) as listing_kind,
    cast(l.listing_id as varchar) as listing_id, cast(k.sku_id as varchar) as sku_id, cast(count(*) as bigint) as line_count
from order_lines as l
join skus as k on l.sku_id = k.sku_id
join order_pieces as p on l.order_key = p.order_key and l.line_id = p.line_id
where l.listing_id is not null
group by p.channel, p.shop, l.listing_id, k.sku_id
