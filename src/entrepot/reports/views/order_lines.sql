-- Lines with their share of the order's discounts, VAT inside, refunds and cost. A line that sells one SKU names that
-- one, also where people matched it; a bundle keeps what the file says, and its pieces are added up.
with pieces as (
    select order_key, line_id, max(shop) as shop, count(*) as pieces, max(sku_id) as sku_id,
        sum_exact(discount_merchant_minor) as discount_merchant_minor, sum_exact(gross_minor) as gross_minor,
        case when min(vat_rate_bp) = max(vat_rate_bp) then max(vat_rate_bp) end as vat_rate_bp, sum_exact(vat_minor) as vat_minor,
        sum_exact(refund_minor) as refund_minor, bool_and(has_cost) as has_cost,
        case when bool_and(has_cost) and min(cost_currency) = max(cost_currency) then sum_exact(cost_minor) end as cost_minor,
        case when min(cost_currency) = max(cost_currency) then max(cost_currency) end as cost_currency
    from base_order_pieces where kind = 'line' group by order_key, line_id
)
select
    cast(l.order_key as varchar) as order_key, cast(l.channel as varchar) as channel,
    cast(coalesce(p.shop, l.shop) as varchar) as shop, cast(l.order_id as varchar) as order_id,
    cast(l.line_id as varchar) as line_id, cast(l.listing_id as varchar) as listing_id,
    cast(l.variant_id as varchar) as variant_id,
    cast(case when p.pieces = 1 then coalesce(p.sku_id, l.sku_id) else l.sku_id end as varchar) as sku_id, cast(l.title as varchar) as title,
    cast(l.quantity as bigint) as quantity, cast(l.currency as varchar) as currency,
    cast(l.unit_price_minor as bigint) as unit_price_minor, cast(l.goods_minor as bigint) as goods_minor,
    cast(p.discount_merchant_minor as bigint) as discount_merchant_minor,
    cast(p.gross_minor as bigint) as gross_minor, cast(p.vat_rate_bp as bigint) as vat_rate_bp,
    cast(p.vat_minor as bigint) as vat_minor, cast(p.gross_minor - p.vat_minor as bigint) as net_minor,
    cast(p.refund_minor as bigint) as refunded_minor, cast(p.cost_minor as bigint) as cost_minor,
    cast(p.cost_currency as varchar) as cost_currency, cast(p.has_cost as boolean) as has_cost,
    cast(l.after_sale_status as varchar) as after_sale_status,
    cast(l.raw_id as varchar) as raw_id, cast(l.row_no as bigint) as row_no,
    cast(l.mapping_version as varchar) as mapping_version, cast(l.seen_at as timestamptz) as seen_at
from base_order_lines as l
left join pieces as p on l.order_key = p.order_key and l.line_id = p.line_id
