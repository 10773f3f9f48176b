-- WeChat Pay trade bill, one row per payment, refund or payment taken back. The fee is positive where it is taken and
-- negative where a refund gives it back; it is rounded to two decimals and written with five.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop,
        w."微信订单号" as trade_id, w."商户订单号" as order_id, w."微信退款单号" as refund_id,
        w."交易状态" as state, w."退款状态" as refund_state, w."货币种类" as currency,
        instant_from_beijing(w."交易时间") as booked_at,
        fen_from_yuan(w."应结订单金额") as settled_minor, fen_from_yuan(coalesce(w."退款金额", '0')) as refund_minor,
        minor_from_decimal(w."手续费", 2) as fee_minor
    from wire as w join files as f on w.raw_id = f.raw_id
),
coded as (
    select c.*, s.role, r.moved,
        case when s.role = 'payment' then c.trade_id
             when c.refund_id is null or c.refund_id = '0' then c.trade_id || ':revoked'
             else c.refund_id end as line_id
    from cells as c
    left join wechatpay_trade_states as s on c.state = s.state
    left join wechatpay_refund_states as r on c.refund_state = r.refund_state
)
select
    raw_id, row_no, line_id || ':' || coalesce(role, '') as row_key, line_id, trade_id, order_id, shop, exported_at, booked_at, role,
    state, case when role = 'payment' then settled_minor else -abs(refund_minor) end as amount_minor,
    -fee_minor as fee_minor,
    role = 'payment' or coalesce(moved, 'yes') = 'yes' as has_moved,
    case
        when not is_plain_id(trade_id) then 'bad_id:微信订单号'
        when order_id is null then 'bad_id:商户订单号'
        when role = 'refund' and refund_id is not null and not is_plain_id(refund_id) then 'bad_id:微信退款单号'
        when booked_at is null then 'bad_time:交易时间'
        when settled_minor is null then 'bad_money:应结订单金额'
        when refund_minor is null then 'bad_money:退款金额'
        when fee_minor is null then 'bad_money:手续费'
        when role = 'refund' and state = 'REFUND' and moved is null then 'unknown_code:退款状态:' || coalesce(refund_state, '')
        when coalesce(currency, '') <> 'CNY' then 'unknown_code:货币种类:' || coalesce(currency, '')
        when role is null then 'unknown_code:交易状态:' || coalesce(state, '')
    end as reject
from coded
