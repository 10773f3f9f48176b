-- JD wallet statement, one row per document, article and item. The direction gives the sign, whatever sign is written.
-- A row without a settlement time has not moved yet: it is accepted and in no table.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, coalesce(w."店铺号", f.shop) as shop,
        w."订单编号" as order_id, w."单据编号" as doc_id, w."单据类型" as doc_type, w."商品编号" as listing_id,
        w."费用项" as item, w."收支方向" as direction, w."结算状态" as settlement_status,
        w."费用结算时间" as booked_text, instant_from_beijing(w."费用结算时间") as booked_at,
        fen_from_yuan(w."金额") as written_minor,
        case when coalesce(w."币种", 'CNY') in ('CNY', 'RMB', '人民币') then 'CNY'
             when regexp_matches(w."币种", '\A[A-Z]{3}\z') then w."币种" end as currency,
        w."币种" as currency_text
    from wire as w join files as f on w.raw_id = f.raw_id
),
coded as (
    select c.*, i.kind, i.fee_code, cast(i.vat_rate_bp as bigint) as vat_rate_bp, i.order_part
    from cells as c
    left join jd_items as i
        on c.item = i.item and (i.doc_type is null or i.doc_type = c.doc_type)
        and (i.direction is null or i.direction = c.direction)
),
named as (select distinct item from jd_items),
counted as (
    select *, row_number() over (partition by raw_id, doc_id, item, coalesce(listing_id, ''), coalesce(booked_text, '')
                                 order by row_no) as twin
    from coded
)
select
    c.raw_id, c.row_no,
    concat_ws('|', c.doc_id, c.item, coalesce(c.listing_id, ''), coalesce(c.booked_text, ''), cast(c.twin as varchar)) as row_key,
    -- One document may settle in several runs, so the instant belongs to the line's identity.
    c.doc_id || ':' || substr(digest(concat_ws('|', c.item, coalesce(c.listing_id, ''), coalesce(c.booked_text, ''))), 1, 12)
        || '-' || cast(c.twin as varchar) as line_id,
    c.order_id, c.listing_id, c.shop, c.exported_at, c.booked_at, c.item, c.kind, c.order_part, c.fee_code, c.vat_rate_bp, c.currency,
    case when c.direction = '支出' then -abs(c.written_minor) else abs(c.written_minor) end as amount_minor,
    case
        when c.order_id is not null and not is_plain_id(c.order_id) then 'bad_id:订单编号'
        when not is_plain_id(c.doc_id) then 'bad_id:单据编号'
        when c.booked_at is null and (c.booked_text is not null or coalesce(c.settlement_status, '已结算') = '已结算')
             then 'bad_time:费用结算时间'
        when c.written_minor is null then 'bad_money:金额'
        when c.currency is null then 'unknown_code:币种:' || coalesce(c.currency_text, '')
        when coalesce(c.direction, '') not in ('收入', '支出') then 'unknown_code:收支方向:' || coalesce(c.direction, '')
        when n.item is null then 'unknown_code:费用项:' || coalesce(c.item, '')
        when c.kind is null then 'unknown_code:单据类型:' || coalesce(c.doc_type, '')
    end as reject
from counted as c left join named as n on c.item = n.item
