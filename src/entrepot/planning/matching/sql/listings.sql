-- Listings whose lines carry no seller code that the SKU list knows: what identifies them (the first there is of variant,
-- seller code, product, title), what people see, what they are worth, and whether any line still waits for a decision.
with unknown as (
    select p.channel, p.shop, l.variant_id, l.listing_id as product_id, l.sku_id as seller_code, l.title, l.quantity, l.currency,
        l.goods_minor, p.gross_minor, coalesce(o.placed_at, o.paid_at, o.shipped_at, o.confirmed_at) as ordered_at,
        coalesce(p.sku_id, '') = coalesce(l.sku_id, '') as is_open
    from order_pieces as p
    join order_lines as l on p.order_key = l.order_key and p.line_id = l.line_id
    join orders as o on p.order_key = o.order_key
    left join skus as k on l.sku_id = k.sku_id
    where p.kind = 'line' and k.sku_id is null
),
named as (
    select u.*, h.business_zone,
        case when variant_id is not null then 'variant' when seller_code is not null then 'code'
             when product_id is not null then 'listing' when title is not null then 'title' end as listing_kind,
        coalesce(variant_id, seller_code, product_id, title) as listing_id
    from unknown as u join shops as h on u.shop = h.shop and u.channel = h.channel
),
dated as (
    select n.*, case when n.ordered_at < z.split_at then z.day_before else z.day_after end as ordered_on
    from named as n join zone_days as z on n.business_zone = z.zone and cast(n.ordered_at as date) = z.utc_day
    where n.listing_kind is not null
)
select
    cast(channel as varchar) as channel,
    cast(shop as varchar) as shop,
    cast(listing_kind as varchar) as listing_kind,
    cast(listing_id as varchar) as listing_id,
    cast(max(product_id) as varchar) as product_id,
    cast(max(variant_id) as varchar) as variant_id,
    cast(max(seller_code) as varchar) as seller_code,
    cast(max(title) as varchar) as title,
    cast(coalesce(min(title) <> max(title), false) as boolean) as titles_differ,
    cast(count(*) as bigint) as line_count,
    cast(sum_exact(quantity) as bigint) as quantity,
    cast(sum_exact(goods_minor) as bigint) as goods_minor,
    cast(sum_exact(gross_minor) as bigint) as gross_minor,
    cast(case when min(currency) = max(currency) then max(currency) end as varchar) as currency,
    cast(min(ordered_on) as date) as first_on,
    cast(max(case when is_open then 1 else 0 end) = 1 as boolean) as is_open
from dated
group by channel, shop, listing_kind, listing_id
