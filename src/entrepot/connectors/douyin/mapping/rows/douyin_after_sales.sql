-- Douyin's after-sale cases, one row per case. What a payment provider takes back of its discount is no cash of the buyer.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop,
        w."售后单号" as case_id, w."订单号" as order_id, w."商品单号" as sub_order_id, w."商品ID" as listing_id, w."商家编码" as sku_id,
        w."售后类型" as case_kind, w."售后状态" as case_state,
        fen_from_yuan(coalesce(w."退商品金额（元）", '0')) as goods_minor,
        fen_from_yuan(coalesce(w."退运费金额（元）", '0')) as shipping_minor,
        fen_from_yuan(coalesce(w."退税费金额（元）", '0')) as tax_minor,
        fen_from_yuan(coalesce(w."退支付优惠（元）", '0')) as provider_minor,
        instant_from_beijing(w."售后申请时间") as applied_at,
        w."同意售后申请时间" as agreed_text, instant_from_beijing(w."同意售后申请时间") as agreed_at,
        w."商家退款时间" as refunded_text, instant_from_beijing(w."商家退款时间") as refunded_at,
        w."用户到账时间" as arrived_text, instant_from_beijing(w."用户到账时间") as arrived_at,
        coalesce(w."售后完结时间", w."售后关闭时间") as closed_text,
        instant_from_beijing(coalesce(w."售后完结时间", w."售后关闭时间")) as closed_at
    from wire as w join files as f on w.raw_id = f.raw_id
)
select
    c.raw_id, c.row_no, c.case_id as row_key, c.case_id, c.order_id, c.sub_order_id, c.listing_id, c.sku_id, c.shop,
    c.exported_at, c.case_state, k.kind, s.process, s.money,
    c.goods_minor, c.shipping_minor, c.tax_minor, c.provider_minor,
    c.goods_minor + c.shipping_minor + c.tax_minor - c.provider_minor as refund_minor,
    c.applied_at, c.agreed_at, c.refunded_at, c.arrived_at, c.closed_at,
    greatest(c.applied_at, coalesce(c.agreed_at, c.applied_at), coalesce(c.refunded_at, c.applied_at),
             coalesce(c.arrived_at, c.applied_at), coalesce(c.closed_at, c.applied_at)) as newest_at,
    case
        when not is_plain_id(c.case_id) then 'bad_id:售后单号'
        when not is_plain_id(c.order_id) then 'bad_id:订单号'
        when not is_plain_id(c.sub_order_id) then 'bad_id:商品单号'
        when c.applied_at is null then 'bad_time:售后申请时间'
        when c.agreed_text is not null and c.agreed_at is null then 'bad_time:同意售后申请时间'
        when c.refunded_text is not null and c.refunded_at is null then 'bad_time:商家退款时间'
        when c.arrived_text is not null and c.arrived_at is null then 'bad_time:用户到账时间'
        when c.closed_text is not null and c.closed_at is null then 'bad_time:售后完结时间'
        when c.goods_minor is null then 'bad_money:退商品金额（元）'
        when c.shipping_minor is null then 'bad_money:退运费金额（元）'
        when c.tax_minor is null then 'bad_money:退税费金额（元）'
        when c.provider_minor is null then 'bad_money:退支付优惠（元）'
        when k.kind is null then 'unknown_code:售后类型:' || coalesce(c.case_kind, '')
        when s.process is null then 'unknown_code:售后状态:' || coalesce(c.case_state, '')
    end as reject
from cells as c
left join douyin_case_kinds as k on c.case_kind = k.case_kind
left join douyin_case_states as s on c.case_state = s.case_state
