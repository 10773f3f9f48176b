-- Variants by API, one row each. A variant whose stock is counted and that may not be sold beyond it is sold out at nothing.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, w.sku, w.barcode, w.status, w.currency, w.quantity as units_text,
        nullif(regexp_extract(w.gid, '[0-9]+\z', 0), '') as variant_id,
        nullif(regexp_extract(w.product, '[0-9]+\z', 0), '') as listing_id,
        edges_trimmed(concat_ws(' - ', edges_trimmed(w.product_title), nullif(edges_trimmed(w.title), 'Default Title'))) as title,
        coalesce(w.is_tracked, 'true') = 'true' as is_tracked, coalesce(w.policy, 'DENY') = 'DENY' as is_limited,
        instant_from_offset(w.updated_at) as modified_at,
        z.currency as known_currency, minor_from_decimal(w.price, cast(z.digits as bigint)) as price_minor,
        minor_from_decimal(w.quantity, 0) as units
    from wire as w
    join files as f on w.raw_id = f.raw_id
    left join shopify_currencies as z on w.currency = z.currency
)
select
    c.raw_id, c.row_no, c.variant_id as row_key, c.listing_id, c.variant_id, c.shop, c.sku, c.barcode, c.title, c.status, c.currency,
    c.modified_at, c.exported_at, c.price_minor,
    case when c.is_tracked then c.units end as units,
    case when k.state = 'on_sale' and c.is_tracked and c.is_limited and c.units <= 0 then 'sold_out' else k.state end as state,
    case
        when c.variant_id is null then 'bad_id:id'
        when c.listing_id is null then 'bad_id:product.id'
        when c.modified_at is null then 'bad_time:updatedAt'
        when c.known_currency is null then 'unknown_code:currencyCode:' || coalesce(c.currency, '')
        when c.price_minor is null then 'bad_money:price'
        when c.price_minor < 0 then 'negative_amount:price'
        when c.units_text is not null and c.units is null then 'bad_number:inventoryQuantity'
        when k.status is null then 'unknown_code:status:' || coalesce(c.status, '')
    end as reject
from cells as c left join shopify_product_status as k on c.status = k.status
