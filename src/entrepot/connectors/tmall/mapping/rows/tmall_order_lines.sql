-- Tmall order detail, one row per line. The file numbers no lines: twins within one file are told apart by counting,
-- so that the same line in two files keeps one id.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, w."订单编号" as order_id, w."标题" as title,
        w."商家编码" as sku_id, w."外部系统编号" as spu_id, w."订单状态" as status,
        fen_from_yuan(w."价格") as unit_price_minor,
        case when regexp_matches(w."购买数量", '\A[0-9]{1,9}\z') then cast(w."购买数量" as bigint) end as quantity,
        -- By the value of the price: a workbook writes 29.9 where the text export has 29.90.
        digest(concat_ws('|', w."订单编号", coalesce(w."商家编码", ''), coalesce(w."外部系统编号", ''), coalesce(w."标题", ''),
                         coalesce(w."商品属性", ''), coalesce(cast(fen_from_yuan(w."价格") as varchar), w."价格", ''),
                         coalesce(w."购买数量", ''))) as content
    from wire as w join files as f on w.raw_id = f.raw_id
),
counted as (
    select *, row_number() over (partition by raw_id, content order by row_no) as twin from cells
)
select
    raw_id, row_no, content || '-' || cast(twin as varchar) as row_key,
    order_id, title, sku_id, spu_id, exported_at, unit_price_minor, quantity,
    substr(content, 1, 16) || '-' || cast(twin as varchar) as line_id,
    case
        when not is_plain_id(order_id) then 'bad_id:订单编号'
        when unit_price_minor is null then 'bad_money:价格'
        when unit_price_minor < 0 then 'negative_amount:价格'
        when coalesce(quantity, 0) = 0 then 'bad_number:购买数量'
    end as reject
from counted
