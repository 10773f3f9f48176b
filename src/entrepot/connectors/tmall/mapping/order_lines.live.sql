with opened as (
    select order_id, shop, placed_at, version, raw_id, row_no, unnest(lines) as l
    from tmall_live_trades
),
cells as (
    select
        order_id, shop, placed_at, version, raw_id, row_no,
        coalesce(l.oid_str, l.oid) as line_id, l.num_iid as listing_id, l.sku_id as variant_id,
        coalesce(l.outer_sku_id, l.outer_iid) as sku_code, l.outer_iid as spu_code, l.title as title,
        cast(l.num || '' as bigint) as quantity, fen_from_yuan(l.price || '') as unit_price_minor,
        fen_from_yuan(coalesce(l.divide_order_fee, l.payment) || '') as shared_minor,
        l.refund_status as refund_status, l.status as line_status, l.consign_time as consign_text
    from opened
)
select
    cast('tmall:' || order_id as varchar) as order_key,
    cast('tmall' as varchar) as channel,
    cast(month_in_beijing(placed_at) as varchar) as month,
    cast(line_id as varchar) as line_id,
    cast(shop as varchar) as shop,
    cast(order_id as varchar) as order_id,
    cast(listing_id as varchar) as listing_id,
    cast(variant_id as varchar) as variant_id,
    cast(sku_code as varchar) as sku_id,
    cast(spu_code as varchar) as spu_id,
    cast(title as varchar) as title,
    cast(quantity as bigint) as quantity,
    cast('CNY' as varchar) as currency,
    cast(unit_price_minor as bigint) as unit_price_minor,
    cast(product_exact(unit_price_minor, quantity) as bigint) as goods_minor,
    cast(shared_minor as bigint) as paid_minor,
    cast(refund_status as varchar) as after_sale_status,
    cast(line_status in ('TRADE_CLOSED', 'TRADE_CLOSED_BY_TAOBAO') and consign_text is null as boolean) as is_cancelled,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(version as varchar) as version
from cells
