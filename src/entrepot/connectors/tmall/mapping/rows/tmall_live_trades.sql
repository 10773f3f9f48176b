-- Trades by API, one row per answer of taobao.trade.fullinfo.get. `payment` falls with every refund, so what was paid is
-- read from the lines' shares once money went back. Meaning of the fields: docs/reference/file-semantics.md.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, w.lines, w.promotions,
        coalesce(w.tid_str, w.tid) as order_id, w.status, w.step_trade_status, w.type as trade_type,
        w.buyer_open_uid, w.oaid, w.receiver_name, w.receiver_mobile, w.receiver_address, w.receiver_state,
        w.created as placed_text, w.modified as modified_text,
        instant_from_beijing(w.created) as placed_at,
        instant_from_beijing(w.modified) as modified_at,
        instant_from_beijing(w.pay_time) as paid_at,
        instant_from_beijing(w.consign_time) as shipped_at,
        instant_from_beijing(w.end_time) as ended_at,
        w.pay_time is not null and instant_from_beijing(w.pay_time) is null as paid_is_bad,
        fen_from_yuan(w.total_fee) as total_minor,
        fen_from_yuan(w.payment) as payment_minor,
        fen_from_yuan(coalesce(w.post_fee, '0')) as shipping_minor,
        fen_from_yuan(coalesce(w.adjust_fee, '0')) as adjusted_minor,
        fen_from_yuan(coalesce(w.step_paid_fee, '0')) as step_paid_minor,
        fen_from_yuan(coalesce(w.platform_subsidy_fee, '0')) as subsidy_minor,
        case when regexp_matches(coalesce(w.tmall_coupon_fee, w.coupon_fee, '0'), '\A[0-9]{1,12}\z')
             then cast(coalesce(w.tmall_coupon_fee, w.coupon_fee, '0') as bigint) end as coupon_minor,
        case when regexp_matches(coalesce(w.alipay_point, '0'), '\A[0-9]{1,12}\z')
             then cast(coalesce(w.alipay_point, '0') as bigint) end as alipay_points_minor,
        case when regexp_matches(coalesce(w.propoint, '0'), '\A[0-9]{1,12}\z')
             then cast(coalesce(w.propoint, '0') as bigint) end as propoints_minor,
        -- Copies of the SDK disagree on the unit: yuan are always written with a point.
        case when contains(coalesce(w.card_principal, '0'), '.') then fen_from_yuan(w.card_principal)
             when regexp_matches(coalesce(w.card_principal, '0'), '\A[0-9]{1,12}\z')
             then cast(coalesce(w.card_principal, '0') as bigint) end as card_minor
    from wire as w join files as f on w.raw_id = f.raw_id
),
opened as (
    select raw_id, row_no, unnest(lines) as l from cells
),
texts as (
    -- Joined with nothing, for DuckDB casts all texts of a list at once, those too that a case leaves out.
    select
        raw_id, row_no, l.refund_status = 'SUCCESS' as is_refunded, l.oid as line_id,
        coalesce(l.divide_order_fee, l.payment) || '' as shared, l.price || '' as price, l.num || '' as num
    from opened
),
lines as (
    select
        raw_id, row_no, is_refunded, line_id, fen_from_yuan(shared) as shared_minor, fen_from_yuan(price) as price_minor,
        case when regexp_matches(num, '\A[0-9]{1,9}\z') then cast(num as bigint) end as quantity
    from texts
),
parts as (
    select
        raw_id, row_no,
        sum_exact(shared_minor) as shared_minor,
        bool_or(coalesce(is_refunded, false)) as has_refund,
        bool_or(shared_minor is null or price_minor is null) as has_bad_money,
        bool_or(coalesce(quantity, 0) = 0) as has_bad_number,
        bool_or(not is_plain_id(line_id)) as has_bad_id
    from lines group by raw_id, row_no
),
states as (
    select distinct source, payment_state, commercial_state, fulfilment_state, state_rank from tmall_status
),
money as (
    select
        c.*, p.has_refund, p.has_bad_money, p.has_bad_number, p.has_bad_id,
        c.coupon_minor + c.subsidy_minor as platform_minor,
        c.alipay_points_minor + c.propoints_minor as points_minor,
        c.total_minor + case when c.adjusted_minor > 0 then c.adjusted_minor else 0 end as goods_minor,
        case
            when c.paid_at is null or c.step_trade_status in ('FRONT_NOPAID_FINAL_NOPAID', 'FRONT_PAID_FINAL_NOPAID', 'FRONT_PAID_FRONT_FORFEITED') then 0
            when p.has_refund and p.shared_minor + c.shipping_minor > c.payment_minor then p.shared_minor + c.shipping_minor
            else c.payment_minor
        end as paid_minor
    from cells as c left join parts as p on c.raw_id = p.raw_id and c.row_no = p.row_no
),
shown as (
    select
        m.*, s.source as known_status, s.payment_state as status_payment, s.commercial_state as status_commercial,
        s.fulfilment_state as status_fulfilment, t.payment_state as step_payment, t.commercial_state as step_commercial,
        t.status as known_step, cast(coalesce(s.state_rank, '0') as bigint) as state_rank,
        case when m.paid_minor = 0 then 0
             else m.goods_minor + m.shipping_minor - m.paid_minor - m.platform_minor - m.points_minor - m.card_minor
        end as merchant_minor
    from money as m
    left join states as s on m.status = s.source
    left join tmall_step_status as t on m.step_trade_status = t.status
)
select
    raw_id, row_no, order_id as row_key, order_id, shop, status, lines,
    buyer_open_uid, oaid, receiver_name, receiver_mobile, receiver_address, receiver_state,
    placed_at, modified_at, shipped_at,
    case when step_trade_status in ('FRONT_NOPAID_FINAL_NOPAID', 'FRONT_PAID_FINAL_NOPAID', 'FRONT_PAID_FRONT_FORFEITED') then null else paid_at end as paid_at,
    case when status = 'TRADE_FINISHED' then ended_at end as confirmed_at,
    case when status in ('TRADE_CLOSED', 'TRADE_CLOSED_BY_TAOBAO') then ended_at end as closed_at,
    row_version(modified_at, null, exported_at, state_rank, raw_id, row_no) as version,
    case when trade_type = 'step' then 'presale' else 'sale' end as order_kind,
    case when trade_type = 'step' and step_trade_status in ('FRONT_PAID_FINAL_NOPAID', 'FRONT_PAID_FRONT_FORFEITED') then paid_at end as deposit_paid_at,
    case when trade_type = 'step' and step_trade_status <> 'FRONT_NOPAID_FINAL_NOPAID' then step_paid_minor end as deposit_minor,
    goods_minor, shipping_minor, platform_minor, points_minor, card_minor, paid_minor, merchant_minor,
    case when has_refund and paid_minor > payment_minor then paid_minor - payment_minor else 0 end as refund_minor,
    case
        when step_payment is not null then step_payment
        when paid_at is null and status_fulfilment in ('part_shipped', 'shipped', 'delivered') then 'deferred'
        else status_payment
    end as payment_state,
    case
        when step_commercial is not null then step_commercial
        when status_commercial = 'closed_refunded' and paid_at is null then 'cancelled_unpaid'
        else status_commercial
    end as commercial_state,
    case when status_commercial = 'closed_refunded' and shipped_at is not null then 'shipped' else status_fulfilment end as fulfilment_state,
    case
        when not is_plain_id(order_id) then 'bad_id:tid'
        when placed_at is null then 'bad_time:created'
        when modified_at is null then 'bad_time:modified'
        when paid_is_bad then 'bad_time:pay_time'
        when total_minor is null then 'bad_money:total_fee'
        when payment_minor is null then 'bad_money:payment'
        when shipping_minor is null then 'bad_money:post_fee'
        when adjusted_minor is null then 'bad_money:adjust_fee'
        when step_paid_minor is null then 'bad_money:step_paid_fee'
        when coupon_minor is null then 'bad_money:coupon_fee'
        when subsidy_minor is null then 'bad_money:platform_subsidy_fee'
        when points_minor is null then 'bad_money:alipay_point'
        when card_minor is null then 'bad_money:expandcard_info'
        when has_bad_id then 'bad_id:oid'
        when has_bad_money is null or has_bad_money then 'bad_money:price'
        when has_bad_number then 'bad_number:num'
        when known_status is null then 'unknown_code:status:' || coalesce(status, '')
        when step_trade_status is not null and known_step is null then 'unknown_code:step_trade_status:' || step_trade_status
        when merchant_minor < 0 then 'amounts_disagree:payment'
    end as reject
from shown
