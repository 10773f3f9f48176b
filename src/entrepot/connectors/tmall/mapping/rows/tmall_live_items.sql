-- Products by API, one row per answer of taobao.item.seller.get. A product in the warehouse is off the shelf, unless it broke
-- a rule or has nothing left; one SKU of a product on sale may be sold out alone.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, w.num_iid as listing_id, w.title, w.approve_status, w.outer_id as item_code,
        w.barcode as item_gtin, w.skus,
        coalesce(w.violation, 'false') as violation,
        w.num as units_text,
        instant_from_beijing(w.modified) as modified_at,
        fen_from_yuan(w.price) as price_minor,
        minor_from_decimal(coalesce(w.num, '0'), 0) as units
    from wire as w join files as f on w.raw_id = f.raw_id
),
opened as (
    select raw_id, row_no, unnest(skus) as s from cells
),
-- Joined with nothing, for DuckDB casts all texts of a list at once, those too that a case leaves out.
texts as (
    select raw_id, row_no, s.sku_id || '' as sku_id, s.price || '' as price, coalesce(s.quantity, '0') || '' as counted from opened
),
variants as (
    select
        raw_id, row_no,
        bool_or(not is_plain_id(sku_id)) as has_bad_id,
        bool_or(coalesce(fen_from_yuan(price), -1) < 0) as has_bad_money,
        bool_or(coalesce(minor_from_decimal(counted, 0), -1) < 0) as has_bad_number
    from texts group by raw_id, row_no
)
select
    c.raw_id, c.row_no, c.listing_id as row_key, c.listing_id, c.shop, edges_trimmed(c.title) as title, c.approve_status, c.item_code, c.item_gtin, c.skus,
    c.modified_at, c.exported_at, c.price_minor, c.units,
    case when c.violation = 'true' then 'banned'
         when k.state = 'off_shelf' and c.units = 0 and c.units_text is not null then 'sold_out'
         else k.state end as state,
    case
        when not is_plain_id(c.listing_id) then 'bad_id:num_iid'
        when c.modified_at is null then 'bad_time:modified'
        when k.approve_status is null then 'unknown_code:approve_status:' || coalesce(c.approve_status, '')
        when c.violation not in ('true', 'false') then 'unknown_code:violation:' || c.violation
        when v.row_no is null and c.price_minor is null then 'bad_money:price'
        when c.price_minor < 0 then 'negative_amount:price'
        when c.units is null or c.units < 0 then 'bad_number:num'
        when coalesce(v.has_bad_id, false) then 'bad_id:sku_id'
        when coalesce(v.has_bad_money, false) then 'bad_money:skus.price'
        when coalesce(v.has_bad_number, false) then 'bad_number:skus.quantity'
    end as reject
from cells as c
left join variants as v on c.raw_id = v.raw_id and c.row_no = v.row_no
left join tmall_item_status as k on c.approve_status = k.approve_status
