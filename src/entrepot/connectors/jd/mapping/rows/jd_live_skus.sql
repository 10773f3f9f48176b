-- SKUs by API, one row each: every SKU has a page of its own, so it is the listing, as in orders. Whether its time of change is
-- text or milliseconds contracts do not agree on.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, w.skuId as listing_id, w.status, w.outerId as sku_code, w.barCode as gtin,
        edges_trimmed(coalesce(w.skuName, w.wareTitle)) as title, w.stockNum as units_text, w.modified as modified_text,
        coalesce(
            instant_from_beijing(w.modified),
            case when regexp_matches(w.modified, '\A[1-9][0-9]{11,12}\z') then to_timestamp(cast(w.modified || '' as bigint) // 1000) end
        ) as modified_at,
        fen_from_yuan(w.jdPrice) as price_minor, minor_from_decimal(w.stockNum, 0) as units
    from wire as w join files as f on w.raw_id = f.raw_id
)
select
    c.raw_id, c.row_no, c.listing_id as row_key, c.listing_id, c.shop, c.status, c.sku_code, c.gtin, c.title, c.modified_at, c.exported_at,
    c.price_minor, c.units,
    case when k.state = 'on_sale' and c.units <= 0 then 'sold_out' else k.state end as state,
    case
        when not is_plain_id(c.listing_id) then 'bad_id:skuId'
        when k.status is null then 'unknown_code:status:' || coalesce(c.status, '')
        when k.state = 'deleted' then null
        when c.price_minor is null then 'bad_money:jdPrice'
        when c.price_minor < 0 then 'negative_amount:jdPrice'
        when c.units_text is not null and c.units is null then 'bad_number:stockNum'
        when c.modified_text is not null and c.modified_at is null then 'bad_time:modified'
    end as reject
from cells as c left join jd_sku_status as k on c.status = k.status
