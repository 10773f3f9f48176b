with opened as (
    select order_key, order_id, shop, currency, exported_at, raw_id, row_no, unnest(items) as i
    from amazon_live_items where order_key is not null
),
texts as (
    select
        o.order_key, o.order_id, o.shop, o.exported_at, o.raw_id, o.row_no, o.currency, cast(z.digits as bigint) as digits,
        i.item_id || '' as line_id, i.asin as listing_id, i.sku as sku_id, i.title as title, i.tax_model as tax_model,
        i.quantity || '' as quantity, i.price || '' as price,
        coalesce(i.tax, '0') || '' as tax, coalesce(i.freight, '0') || '' as freight, coalesce(i.freight_tax, '0') || '' as freight_tax,
        coalesce(i.promotion, '0') || '' as promotion, coalesce(i.promotion_tax, '0') || '' as promotion_tax,
        coalesce(i.freight_promotion, '0') || '' as freight_promotion,
        coalesce(i.freight_promotion_tax, '0') || '' as freight_promotion_tax
    from opened as o left join amazon_currencies as z on o.currency = z.currency
),
lines as (
    select
        order_key, order_id, shop, exported_at, raw_id, row_no, currency, line_id, listing_id, sku_id, title, tax_model,
        minor_from_decimal(quantity, 0) as quantity,
        coalesce(minor_from_decimal(price, digits), 0) as goods_minor,
        coalesce(minor_from_decimal(promotion, digits), 0) as merchant_minor,
        coalesce(minor_from_decimal(freight, digits) - minor_from_decimal(freight_promotion, digits), 0) as shipping_minor,
        coalesce(minor_from_decimal(tax, digits) + minor_from_decimal(freight_tax, digits) - minor_from_decimal(promotion_tax, digits)
            - minor_from_decimal(freight_promotion_tax, digits), 0) as tax_minor,
        -- Only North America names prices without tax.
        coalesce(currency in ('USD', 'CAD'), false) as is_tax_on_top
    from texts
    -- What is pending has no price yet and is no line yet; it comes with the next change of its order.
    where price is not null or quantity = '0'
)
select
    cast(order_key as varchar) as order_key,
    cast('amazon' as varchar) as channel,
    cast('all' as varchar) as month,
    cast(line_id as varchar) as line_id,
    cast(shop as varchar) as shop,
    cast(order_id as varchar) as order_id,
    cast(listing_id as varchar) as listing_id,
    cast(sku_id as varchar) as sku_id,
    cast(title as varchar) as title,
    cast(quantity as bigint) as quantity,
    cast(coalesce(currency, 'XXX') as varchar) as currency,
    cast(case when quantity > 0 and goods_minor % nullif(quantity, 0) = 0 then goods_minor // nullif(quantity, 0) end as bigint) as unit_price_minor,
    cast(goods_minor as bigint) as goods_minor,
    cast(merchant_minor as bigint) as discount_merchant_minor,
    cast(shipping_minor as bigint) as shipping_minor,
    cast(case when is_tax_on_top then tax_minor else 0 end as bigint) as tax_minor,
    cast(goods_minor - merchant_minor + shipping_minor + case when is_tax_on_top then tax_minor else 0 end as bigint) as paid_minor,
    cast(quantity = 0 as boolean) as is_cancelled,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, null, exported_at, 0, raw_id, row_no) as varchar) as version
from lines
