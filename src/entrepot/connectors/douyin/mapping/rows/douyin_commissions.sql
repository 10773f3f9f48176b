-- Commission of talents by sub-order, as the alliance lists it. The settlement books it; this says whose it is.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, coalesce(w."店铺名称", f.shop) as shop,
        w."订单id" as sub_order_id, w."商品id" as listing_id, w."抖音/火山号" as talent_id, w."作者账号" as talent_name,
        w."订单状态" as commission_state,
        minor_from_decimal(replace(w."佣金率", '%', ''), 2) as rate_bp,
        fen_from_yuan(w."支付金额") as paid_minor, fen_from_yuan(coalesce(w."结算金额", '0')) as settled_minor,
        fen_from_yuan(w."预估佣金支出") as estimated_minor, fen_from_yuan(coalesce(w."实际佣金支出", '0')) as commission_minor,
        instant_from_beijing(w."付款时间") as paid_at,
        w."订单结算时间" as settled_text, instant_from_beijing(w."订单结算时间") as settled_at
    from wire as w join files as f on w.raw_id = f.raw_id
)
select
    c.raw_id, c.row_no, c.sub_order_id || '|' || coalesce(c.talent_id, '') as row_key, c.sub_order_id, c.listing_id,
    c.talent_id, c.talent_name, c.shop, c.exported_at, s.state, c.rate_bp, c.paid_minor, c.settled_minor,
    c.estimated_minor, c.commission_minor, c.paid_at, c.settled_at,
    case
        when not is_plain_id(c.sub_order_id) then 'bad_id:订单id'
        when c.talent_id is null then 'bad_id:抖音/火山号'
        when c.paid_at is null then 'bad_time:付款时间'
        when c.settled_text is not null and c.settled_at is null then 'bad_time:订单结算时间'
        when c.rate_bp is null then 'bad_number:佣金率'
        when c.paid_minor is null then 'bad_money:支付金额'
        when c.settled_minor is null then 'bad_money:结算金额'
        when c.estimated_minor is null then 'bad_money:预估佣金支出'
        when c.commission_minor is null then 'bad_money:实际佣金支出'
        when s.state is null then 'unknown_code:订单状态:' || coalesce(c.commission_state, '')
    end as reject
from cells as c left join douyin_commission_states as s on c.commission_state = s.commission_state
