with read as (
    -- What lists told, and orders that were read by their number because a message named them.
    select * from douyin_live_orders union all select * from douyin_live_order
),
opened as (
    select order_id, shop, placed_at, modified_at, exported_at, state_rank, raw_id, row_no, unnest(lines) as l
    from read
),
cells as (
    select
        order_id, shop, placed_at, modified_at, exported_at, state_rank, raw_id, row_no,
        l.line_id as line_id, l.product_id as listing_id, l.sku_id as variant_id,
        coalesce(l.code, l.out_sku_id) as sku_code, case when l.out_product_id <> '0' then l.out_product_id end as spu_code,
        l.product_name as title, l.after_sale_status as after_sale,
        minor_from_decimal(l.item_num || '', 0) as quantity, minor_from_decimal(l.origin_amount || '', 0) as unit_price_minor,
        minor_from_decimal(l.pay_amount || '', 0) - minor_from_decimal(coalesce(l.promotion_pay_amount, '0') || '', 0) as cash_minor,
        minor_from_decimal(coalesce(l.shop_cost_amount, '0') || '', 0) as merchant_minor,
        minor_from_decimal(coalesce(l.post_amount, '0') || '', 0) as post_minor,
        coalesce(l.pay_time, '0') as pay_text, coalesce(l.ship_time, '0') as ship_text,
        coalesce(l.main_status, l.order_status) as line_code
    from opened
)
select
    cast('douyin:' || order_id as varchar) as order_key,
    cast('douyin' as varchar) as channel,
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
    cast(merchant_minor as bigint) as discount_merchant_minor,
    cast(post_minor as bigint) as shipping_minor,
    cast(case when pay_text = '0' then 0 else cash_minor end as bigint) as paid_minor,
    cast(after_sale as varchar) as after_sale_status,
    cast(line_code in ('4', '21') and ship_text = '0' as boolean) as is_cancelled,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(modified_at, null, exported_at, state_rank, raw_id, row_no) as varchar) as version
from cells
