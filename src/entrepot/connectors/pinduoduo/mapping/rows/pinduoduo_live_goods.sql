-- Goods by API, one row per answer of pdd.goods.detail.get; prices are fen. What was deleted after it was listed is an answer
-- all the same, and no listing.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, w.goods_id as listing_id, edges_trimmed(w.goods_name) as title, w.status,
        w.outer_goods_id as goods_code, w.skus
    from wire as w join files as f on w.raw_id = f.raw_id
),
opened as (
    select raw_id, row_no, unnest(skus) as s from cells
),
-- Joined with nothing, for DuckDB casts all texts of a list at once, those too that a case leaves out.
texts as (
    select raw_id, row_no, s.sku_id || '' as sku_id, coalesce(s.multi_price, s.price) || '' as price,
        coalesce(s.quantity, '0') || '' as counted, coalesce(s.is_onsale, '1') || '' as is_onsale
    from opened
),
variants as (
    select
        raw_id, row_no,
        bool_or(not is_plain_id(sku_id)) as has_bad_id,
        bool_or(coalesce(minor_from_decimal(price, 0), -1) < 0) as has_bad_money,
        bool_or(minor_from_decimal(counted, 0) is null) as has_bad_number,
        bool_or(is_onsale not in ('0', '1')) as has_bad_state
    from texts group by raw_id, row_no
)
select
    c.raw_id, c.row_no, c.listing_id as row_key, c.listing_id, c.shop, c.title, c.status, c.goods_code, c.skus, c.exported_at, k.state,
    case
        when not is_plain_id(c.listing_id) then 'bad_id:goods_id'
        when k.status is null then 'unknown_code:status:' || coalesce(c.status, '')
        when k.state = 'deleted' then null
        when v.row_no is null then 'missing_value:sku_list'
        when v.has_bad_id then 'bad_id:sku_id'
        when v.has_bad_money then 'bad_money:multi_price'
        when v.has_bad_number then 'bad_number:quantity'
        when v.has_bad_state then 'unknown_code:is_onsale'
    end as reject
from cells as c
left join variants as v on c.raw_id = v.raw_id and c.row_no = v.row_no
left join pinduoduo_goods_status as k on c.status = k.status
