select
    cast('tmall:' || order_id as varchar) as order_key,
    cast('tmall' as varchar) as channel,
    cast('all' as varchar) as month,
    cast(line_id as varchar) as line_id,
    cast(order_id as varchar) as order_id,
    cast(sku_id as varchar) as sku_id,
    cast(spu_id as varchar) as spu_id,
    cast(title as varchar) as title,
    cast(quantity as bigint) as quantity,
    cast('CNY' as varchar) as currency,
    cast(unit_price_minor as bigint) as unit_price_minor,
    cast(product_exact(unit_price_minor, quantity) as bigint) as goods_minor,
    cast(true as boolean) as is_unnumbered,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, null, exported_at, 0, raw_id, row_no) as varchar) as version
from tmall_order_lines
