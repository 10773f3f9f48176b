-- Douyin settlement, one row per sub-order and event. Some files write fees negative, some positive: of the two
-- readings of 结算金额 = 收入合计 and fees, the one that more rows of the file meet holds for the whole file. A settled row
-- that does not meet it is refused. Rows of refunds after settlement repeat the fees of the row they belong to.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop,
        w."订单号" as order_id, w."子订单号" as sub_order_id, w."结算单类型" as document, d.kind as document_kind,
        w."结算时间" as booked_text, instant_from_beijing(w."结算时间") as booked_at,
        w."下单时间" as placed_text, instant_from_beijing(w."下单时间") as placed_at,
        fen_from_yuan(w."结算金额") as settled_minor, fen_from_yuan(w."收入合计") as income_minor,
        fen_from_yuan(coalesce(w."结算前退款金额", '0')) as refund_before_minor,
        fen_from_yuan(coalesce(w."平台服务费", '0')) as service_minor,
        fen_from_yuan(coalesce(w."佣金", '0')) as affiliate_minor,
        fen_from_yuan(coalesce(w."渠道分成", '0')) as channel_minor,
        fen_from_yuan(coalesce(w."招商服务费", '0')) as recruiting_minor,
        fen_from_yuan(coalesce(w."站外推广费", '0')) as promotion_minor,
        fen_from_yuan(coalesce(w."其他分成", '0')) as other_minor
    from wire as w join files as f on w.raw_id = f.raw_id
    left join douyin_document as d on w."结算单类型" = d.document
),
added as (
    select *, service_minor + affiliate_minor + channel_minor + recruiting_minor + promotion_minor + other_minor as fees_minor
    from cells
),
tested as (
    select *,
        sum_exact(case when document_kind = 'settled' and fees_minor <> 0 and settled_minor = income_minor + fees_minor
                       then 1 else 0 end) over (partition by raw_id) as signed_rows,
        sum_exact(case when document_kind = 'settled' and fees_minor <> 0 and settled_minor = income_minor - fees_minor
                       then 1 else 0 end) over (partition by raw_id) as unsigned_rows
    from added
),
signed as (
    select *, case when unsigned_rows > signed_rows then -1 else 1 end as sg,
        row_number() over (partition by raw_id, sub_order_id, document, booked_text order by row_no) as twin
    from tested
)
select
    raw_id, row_no,
    concat_ws('|', sub_order_id, document, coalesce(booked_text, ''), cast(twin as varchar)) as row_key,
    sub_order_id || ':' || substr(digest(concat_ws('|', document, booked_text)), 1, 12) || '-' || cast(twin as varchar) as line_id,
    order_id, sub_order_id, document, document_kind, shop, exported_at, booked_at, placed_at,
    settled_minor, income_minor, refund_before_minor,
    product_exact(sg, service_minor) as service_minor, product_exact(sg, affiliate_minor) as affiliate_minor,
    product_exact(sg, channel_minor) as channel_minor, product_exact(sg, recruiting_minor) as recruiting_minor,
    product_exact(sg, promotion_minor) as promotion_minor, product_exact(sg, other_minor) as other_minor,
    case
        when not is_plain_id(order_id) then 'bad_id:订单号'
        when not is_plain_id(sub_order_id) then 'bad_id:子订单号'
        when booked_at is null then 'bad_time:结算时间'
        when placed_at is null and (placed_text is not null or refund_before_minor <> 0) then 'bad_time:下单时间'
        when settled_minor is null then 'bad_money:结算金额'
        when income_minor is null then 'bad_money:收入合计'
        when refund_before_minor is null then 'bad_money:结算前退款金额'
        when service_minor is null then 'bad_money:平台服务费'
        when affiliate_minor is null then 'bad_money:佣金'
        when channel_minor is null then 'bad_money:渠道分成'
        when recruiting_minor is null then 'bad_money:招商服务费'
        when promotion_minor is null then 'bad_money:站外推广费'
        when other_minor is null then 'bad_money:其他分成'
        when document_kind = 'settled' and settled_minor <> income_minor + product_exact(sg, fees_minor) then 'inconsistent_amount:结算金额'
        when document_kind = 'refund' and settled_minor > 0 then 'inconsistent_amount:结算金额'
        when document_kind is null then 'unknown_code:结算单类型:' || coalesce(document, '')
    end as reject
from signed
