-- SKUs by API, one row each with its product; prices are fen, instants milliseconds.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, w.itemId as listing_id, w.skuId as variant_id, edges_trimmed(w.title) as title,
        w.erpCode as sku_code, w.barcode as gtin, w.buyable, w.stock as units_text, w.updateTime as updated_text,
        case when regexp_matches(w.updateTime, '\A[1-9][0-9]{11,12}\z') then to_timestamp(cast(w.updateTime || '' as bigint) // 1000) end as modified_at,
        minor_from_decimal(w.price, 0) as price_minor, minor_from_decimal(w.stock, 0) as units
    from wire as w join files as f on w.raw_id = f.raw_id
)
select
    c.raw_id, c.row_no, c.variant_id as row_key, c.listing_id, c.variant_id, c.shop, c.title, c.sku_code, c.gtin, c.buyable, c.modified_at,
    c.exported_at, c.price_minor, c.units,
    case when k.state = 'on_sale' and c.units <= 0 then 'sold_out' else k.state end as state,
    case
        when not is_plain_id(c.variant_id) then 'bad_id:sku.id'
        when not is_plain_id(c.listing_id) then 'bad_id:item.id'
        when k.buyable is null then 'unknown_code:buyable:' || coalesce(c.buyable, '')
        when c.price_minor is null then 'bad_money:price'
        when c.price_minor < 0 then 'negative_amount:price'
        when c.units_text is not null and c.units is null then 'bad_number:stock'
        when c.updated_text is not null and c.modified_at is null then 'bad_time:updateTime'
    end as reject
from cells as c left join xiaohongshu_buyable as k on c.buyable = k.buyable
