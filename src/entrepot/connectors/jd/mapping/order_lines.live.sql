-- Lines are numbered as those of the files are: by article and, where one stands twice, by counting.
with opened as (
    select order_id, shop, placed_at, modified_at, exported_at, state_rank, raw_id, row_no, unnest(items) as i
    from jd_live_orders
),
cells as (
    select
        order_id, shop, placed_at, modified_at, exported_at, state_rank, raw_id, row_no, i.skuId as listing_id, i.id as item_id,
        coalesce(i.outerSkuId, i.productNo) as sku_code, i.productNo as spu_code, i.skuName as title,
        minor_from_decimal(i.itemTotal || '', 0) as quantity, fen_from_yuan(i.jdPrice || '') as unit_price_minor
    from opened
),
counted as (
    select *, row_number() over (
        partition by raw_id, row_no, listing_id order by unit_price_minor desc, quantity desc, coalesce(item_id, '')
    ) as twin
    from cells
)
select
    cast('jd:' || order_id as varchar) as order_key,
    cast('jd' as varchar) as channel,
    cast(month_in_beijing(placed_at) as varchar) as month,
    cast(listing_id || '-' || cast(twin as varchar) as varchar) as line_id,
    cast(shop as varchar) as shop,
    cast(order_id as varchar) as order_id,
    cast(listing_id as varchar) as listing_id,
    cast(sku_code as varchar) as sku_id,
    cast(spu_code as varchar) as spu_id,
    cast(title as varchar) as title,
    cast(quantity as bigint) as quantity,
    cast('CNY' as varchar) as currency,
    cast(unit_price_minor as bigint) as unit_price_minor,
    cast(product_exact(unit_price_minor, quantity) as bigint) as goods_minor,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(modified_at, null, exported_at, state_rank, raw_id, row_no) as varchar) as version
from counted
