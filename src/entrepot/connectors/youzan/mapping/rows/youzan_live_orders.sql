-- Orders by API, one row per answer of youzan.trade.get. Amounts are yuan, what cards pay is fen. A payment is goods less
-- both discounts, plus what was changed by hand, plus freight, by the platform's own account; a card is part of it. Whether
-- what was paid in fact counts the card or not is read both ways.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, w.lines, w.deliveries, w.tid as order_id, w.status as code, w.yz_open_id as buyer_id, w.buyer_phone,
        w.province, w.receiver, w.mobile, w.address,
        w.pay_time is not null and instant_from_beijing(w.pay_time) is null as paid_is_bad,
        instant_from_beijing(w.created) as placed_at, instant_from_beijing(w.update_time) as modified_at,
        instant_from_beijing(w.pay_time) as paid_at, instant_from_beijing(w.consign_time) as shipped_at,
        instant_from_beijing(w.success_time) as success_at,
        minor_from_decimal(w.total_fee, 2) as total_minor,
        minor_from_decimal(coalesce(w.post_fee, '0'), 2) as shipping_minor,
        minor_from_decimal(w.payment, 2) as payment_minor,
        minor_from_decimal(coalesce(w.real_payment, w.payment), 2) as real_minor,
        -- An amount with a point would be yuan, where fen are expected.
        case when not contains(coalesce(w.deduction_pay, '0'), '.') then minor_from_decimal(coalesce(w.deduction_pay, '0'), 0) end as card_minor,
        case when not contains(coalesce(w.deduction_real_pay, '0'), '.')
             then minor_from_decimal(coalesce(w.deduction_real_pay, w.deduction_pay, '0'), 0) end as principal_minor,
        minor_from_decimal(coalesce(w.item_discount_fee, '0'), 2) as item_off_minor,
        minor_from_decimal(coalesce(w.order_discount_fee, '0'), 2) as order_off_minor,
        minor_from_decimal(coalesce(w.adjust_fee, '0'), 2) as adjust_minor
    from wire as w join files as f on w.raw_id = f.raw_id
),
opened as (
    select raw_id, row_no, unnest(lines) as l from cells
),
-- Joined with nothing, for DuckDB casts all texts of a list at once, those too that a case leaves out.
texts as (
    select raw_id, row_no, l.oid || '' as oid, l.num || '' as counted, l.price || '' as price from opened
),
goods as (
    select
        raw_id, row_no, sum_exact(product_exact(minor_from_decimal(price, 2), minor_from_decimal(counted, 0))) as goods_minor,
        bool_or(minor_from_decimal(price, 2) is null) as has_bad_price, bool_or(minor_from_decimal(price, 2) < 0) as has_negative_price,
        bool_or(coalesce(minor_from_decimal(counted, 0), 0) <= 0) as has_bad_number, bool_or(not is_plain_id(oid)) as has_bad_id
    from texts group by raw_id, row_no
),
sent as (
    select raw_id, row_no, unnest(deliveries) as d from cells
),
parcels as (
    select raw_id, row_no, d.express_state || '' as express_state from sent
),
gone as (
    select raw_id, row_no, bool_or(express_state = '1') as has_gone, bool_or(coalesce(express_state, '0') <> '1') as has_stayed
    from parcels group by raw_id, row_no
),
joined as (
    select
        c.*, g.goods_minor, g.has_bad_price, g.has_negative_price, g.has_bad_number, g.has_bad_id, s.status, s.payment_state, s.commercial_state as status_commercial,
        s.fulfilment_state as status_fulfilment, cast(coalesce(s.state_rank, '0') as bigint) as state_rank,
        coalesce(p.has_gone, false) as has_gone, coalesce(p.has_stayed, false) as has_stayed
    from cells as c
    left join goods as g on c.raw_id = g.raw_id and c.row_no = g.row_no
    left join gone as p on c.raw_id = p.raw_id and c.row_no = p.row_no
    left join youzan_status_codes as s on c.code = s.code
)
select
    raw_id, row_no, order_id as row_key, order_id, shop, status, lines, buyer_id, buyer_phone, province, receiver, mobile, address,
    placed_at, modified_at, exported_at, paid_at, shipped_at, state_rank, goods_minor, shipping_minor, item_off_minor, order_off_minor,
    -adjust_minor as change_minor, card_minor, principal_minor, card_minor - principal_minor as bonus_minor, payment_state,
    case when paid_at is null then 0 else payment_minor - card_minor end as paid_minor,
    case when code = 'TRADE_SUCCESS' then success_at end as confirmed_at,
    case when status_commercial = 'closed_refunded' and paid_at is null then 'cancelled_unpaid' else status_commercial end as commercial_state,
    case
        when status_commercial = 'closed_refunded' and shipped_at is not null then 'shipped'
        when status_fulfilment = 'allocated' and has_gone and has_stayed then 'part_shipped'
        else status_fulfilment
    end as fulfilment_state,
    status_commercial = 'closed_refunded' as is_closed,
    case
        when not is_plain_id(order_id) then 'bad_id:full_order_info.order_info.tid'
        when placed_at is null then 'bad_time:full_order_info.order_info.created'
        when modified_at is null then 'bad_time:full_order_info.order_info.update_time'
        when paid_is_bad then 'bad_time:full_order_info.order_info.pay_time'
        when total_minor is null then 'bad_money:full_order_info.pay_info.total_fee'
        when shipping_minor is null then 'bad_money:full_order_info.pay_info.post_fee'
        when payment_minor is null then 'bad_money:full_order_info.pay_info.payment'
        when real_minor is null then 'bad_money:full_order_info.pay_info.real_payment'
        when card_minor is null then 'bad_money:full_order_info.pay_info.deduction_pay'
        when principal_minor is null then 'bad_money:full_order_info.pay_info.deduction_real_pay'
        when item_off_minor is null then 'bad_money:order_promotion.item_discount_fee'
        when order_off_minor is null then 'bad_money:order_promotion.order_discount_fee'
        when adjust_minor is null then 'bad_money:order_promotion.adjust_fee'
        when has_bad_id is null or has_bad_id then 'bad_id:full_order_info.orders.oid'
        when has_bad_number then 'bad_number:full_order_info.orders.num'
        when has_bad_price then 'bad_money:full_order_info.orders.price'
        when status is null then 'unknown_code:full_order_info.order_info.status:' || coalesce(code, '')
        when has_negative_price then 'negative_amount:full_order_info.orders.price'
        when payment_minor < 0 then 'negative_amount:full_order_info.pay_info.payment'
        when shipping_minor < 0 then 'negative_amount:full_order_info.pay_info.post_fee'
        when goods_minor <> total_minor then 'inconsistent_amount:full_order_info.pay_info.total_fee'
        when payment_minor <> total_minor - item_off_minor - order_off_minor + adjust_minor + shipping_minor
            then 'inconsistent_amount:full_order_info.pay_info.payment'
        when card_minor > payment_minor or principal_minor > card_minor then 'inconsistent_amount:full_order_info.pay_info.deduction_pay'
        when paid_at is not null and real_minor not in (payment_minor, payment_minor - card_minor)
            then 'inconsistent_amount:full_order_info.pay_info.real_payment'
    end as reject
from joined
