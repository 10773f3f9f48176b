-- What the platforms' own lists of what is on offer say of a listing now: the seller code and the barcode, where all that
-- is offered under its id has one and the same.
with named as (
    select channel, coalesce(shop, channel) as shop, 'variant' as listing_kind, variant_id as listing_id, sku_id, gtin
    from listings where variant_id is not null
    union all
    select channel, coalesce(shop, channel) as shop, 'listing' as listing_kind, listing_id, sku_id, gtin from listings
    union all
    select n.channel, coalesce(n.shop, n.channel) as shop, 'code' as listing_kind, n.sku_id as listing_id,
        cast(null as varchar) as sku_id, n.gtin
    from listings as n where n.sku_id is not null
),
told as (
    select n.channel, n.shop, n.listing_kind, n.listing_id,
        case when count(n.sku_id) = count(*) and min(n.sku_id) = max(n.sku_id) then min(n.sku_id) end as seller_code,
        case when count(n.gtin) = count(*) and min(n.gtin) = max(n.gtin) then min(n.gtin) end as barcode
    from named as n
    group by n.channel, n.shop, n.listing_kind, n.listing_id
)
select
    cast(channel as varchar) as channel, cast(shop as varchar) as shop, cast(listing_kind as varchar) as listing_kind,
    cast(listing_id as varchar) as listing_id, cast(seller_code as varchar) as seller_code,
    cast(barcode as varchar) as barcode
from told
where seller_code is not null or barcode is not null
