-- A line is an article that was bought; a bundle is made of pieces, each with its own price. Lines are numbered as those of
-- the files are: by article and, where one stands twice, by counting.
with opened as (
    select order_id, placed_at, modified_at, exported_at, state_rank, raw_id, row_no, shop, after_sale, unnest(skus) as s
    from xiaohongshu_live_orders
),
skus as (
    select
        order_id, placed_at, modified_at, exported_at, state_rank, raw_id, row_no, shop, after_sale, s.skuId as variant_id, s.itemId as listing_id,
        s.erpcode as sku_code, s.skuName as title, s.skuQuantity || '' as counted, s.pieces as pieces
    from opened
),
numbered as (
    select *, row_number() over (partition by raw_id, row_no, variant_id order by counted, coalesce(sku_code, ''), coalesce(title, '')) as twin
    from skus
),
opened_pieces as (
    select raw_id, row_no, variant_id, twin, unnest(pieces) as p from numbered
),
texts as (
    select raw_id, row_no, variant_id, twin, p.erpCode || '' as sku_code, p.quantity || '' as counted, p.rawPricePerSku || '' as price
    from opened_pieces
),
sums as (
    select
        raw_id, row_no, variant_id, twin, min(sku_code) as sku_code,
        sum_exact(product_exact(minor_from_decimal(price, 0), minor_from_decimal(counted, 0))) as goods_minor
    from texts group by raw_id, row_no, variant_id, twin
),
cells as (
    select n.*, minor_from_decimal(n.counted, 0) as quantity, g.goods_minor, coalesce(n.sku_code, g.sku_code) as sku_id
    from numbered as n
    join sums as g on n.raw_id = g.raw_id and n.row_no = g.row_no and n.variant_id = g.variant_id and n.twin = g.twin
)
select
    cast('xiaohongshu:' || order_id as varchar) as order_key,
    cast('xiaohongshu' as varchar) as channel,
    cast(month_in_beijing(placed_at) as varchar) as month,
    cast(variant_id || case when twin > 1 then '-' || cast(twin as varchar) else '' end as varchar) as line_id,
    cast(shop as varchar) as shop,
    cast(order_id as varchar) as order_id,
    cast(listing_id as varchar) as listing_id,
    cast(variant_id as varchar) as variant_id,
    cast(sku_id as varchar) as sku_id,
    cast(title as varchar) as title,
    cast(quantity as bigint) as quantity,
    cast('CNY' as varchar) as currency,
    cast(case when goods_minor % nullif(quantity, 0) = 0 then goods_minor // nullif(quantity, 0) end as bigint) as unit_price_minor,
    cast(goods_minor as bigint) as goods_minor,
    cast(after_sale as varchar) as after_sale_status,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(modified_at, null, exported_at, state_rank, raw_id, row_no) as varchar) as version
from cells
