-- Orders by API, one row per order of jingdong.pop.order.enSearch. Goods less the merchant's discount is the seller's price;
-- between that and what the buyer pays stand balance, gift cards, points and what platform, bank and government give.
-- Meaning of the fields: docs/reference/file-semantics.md.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, w.orderId as order_id, w.orderState as status, w.payType as pay_type,
        w.items, w.coupons, w.payments, w.pin, w.open_id_buyer, w.province, w.receiver, w.mobile, w.address,
        nullif(coalesce(w.directParentOrderId, w.parentOrderId), '0') as parent_order_id,
        coalesce(w.paymentConfirmTime, '0001') like '0001%' as has_no_payment,
        instant_from_beijing(w.orderStartTime) as placed_at,
        instant_from_beijing(w.modified) as modified_at,
        case when w.paymentConfirmTime not like '0001%' then instant_from_beijing(w.paymentConfirmTime) end as paid_at,
        case when w.outBoundDate not like '0001%' then instant_from_beijing(w.outBoundDate) end as shipped_at,
        case when w.orderEndTime not like '0001%' then instant_from_beijing(w.orderEndTime) end as ended_at,
        fen_from_yuan(w.orderTotalPrice) as goods_minor,
        fen_from_yuan(w.orderSellerPrice) as seller_minor,
        fen_from_yuan(coalesce(w.freightPrice, '0')) as shipping_minor,
        fen_from_yuan(coalesce(w.taxFee, '0')) as tax_minor,
        fen_from_yuan(coalesce(w.balanceUsed, '0')) as balance_minor,
        fen_from_yuan(coalesce(w.shouldPay, w.orderPayment)) as due_minor,
        fen_from_yuan(coalesce(w.actualPay, w.shouldPay, w.orderPayment)) as actual_minor
    from wire as w join files as f on w.raw_id = f.raw_id
),
opened as (
    select raw_id, row_no, unnest(items) as i from cells
),
-- Joined with nothing, for DuckDB casts all texts of a list at once, those too that a case leaves out.
texts as (
    select raw_id, row_no, i.skuId as sku, i.itemTotal || '' as counted, i.jdPrice || '' as price from opened
),
articles as (
    select
        raw_id, row_no,
        bool_or(fen_from_yuan(price) is null) as has_bad_money,
        bool_or(coalesce(minor_from_decimal(counted, 0), 0) <= 0) as has_bad_number,
        bool_or(not is_plain_id(sku)) as has_bad_id
    from texts group by raw_id, row_no
),
opened_coupons as (
    select raw_id, row_no, unnest(coupons) as c from cells
),
coupon_texts as (
    select raw_id, row_no, c.couponType || '' as type, c.couponPrice || '' as price from opened_coupons
),
coupon_amounts as (
    select raw_id, row_no, regexp_extract(type, '\A[0-9]+') as type, fen_from_yuan(price) as amount_minor from coupon_texts
),
coupon_sums as (
    select
        raw_id, row_no, bool_or(amount_minor is null) as has_bad_coupon,
        sum_exact(case when type = '39' then amount_minor else 0 end) as points_minor,
        sum_exact(case when type = '52' then amount_minor else 0 end) as card_minor
    from coupon_amounts group by raw_id, row_no
),
opened_payments as (
    select raw_id, row_no, unnest(payments) as p from cells
),
opened_expands as (
    select raw_id, row_no, unnest(p.expands) as e from opened_payments
),
expands as (
    select raw_id, row_no, e.type || '' as type, e.amount || '' as amount, e.costs as costs from opened_expands
),
opened_costs as (
    select raw_id, row_no, type, unnest(costs) as b from expands
),
named_texts as (
    select raw_id, row_no, type, '' as bearer, amount from expands
    union all
    select raw_id, row_no, type, b.bearer || '' as bearer, b.bearAmount || '' as amount from opened_costs
),
named as (
    select raw_id, row_no, type, bearer, fen_from_yuan(amount) as amount_minor from named_texts
),
named_sums as (
    select
        n.raw_id, n.row_no, bool_or(n.amount_minor is null) as has_bad_amount,
        sum_exact(case when t.part = 'tender' then n.amount_minor else 0 end) as principal_minor,
        sum_exact(case when t.part = 'tax' then n.amount_minor else 0 end) as inner_tax_minor,
        sum_exact(case when t.funder = 'merchant' and t.part = 'discount' then n.amount_minor else 0 end) as merchant_minor,
        sum_exact(case when t.funder = 'bank' then n.amount_minor else 0 end) as bank_minor,
        sum_exact(case when t.funder = 'government' then n.amount_minor else 0 end) as government_minor
    -- What the platform bears, 179 (购物金权益金) among it, is what nobody else is named for.
    from named as n left join jd_amount_types as t on n.type = t.type and n.bearer = coalesce(t.bearer, '')
    group by n.raw_id, n.row_no
),
states as (
    select distinct source, payment_state, commercial_state, fulfilment_state, state_rank from jd_status
),
joined as (
    select
        c.*, a.has_bad_money, a.has_bad_number, a.has_bad_id,
        coalesce(k.has_bad_coupon, false) as has_bad_coupon, coalesce(n.has_bad_amount, false) as has_bad_amount,
        coalesce(k.points_minor, 0) as points_minor, coalesce(k.card_minor, 0) as card_minor,
        coalesce(n.principal_minor, 0) as principal_minor, coalesce(n.inner_tax_minor, 0) as inner_tax_minor,
        coalesce(n.bank_minor, 0) as bank_minor, coalesce(n.government_minor, 0) as government_minor,
        coalesce(n.merchant_minor, 0) as marketing_minor,
        s.source as known_status, s.payment_state as status_payment, s.commercial_state as status_commercial,
        s.fulfilment_state as status_fulfilment, cast(coalesce(s.state_rank, '0') as bigint) as state_rank,
        c.paid_at is not null or (s.commercial_state = 'completed_by_buyer' and contains(coalesce(c.pay_type, ''), '货到付款'))
            as is_paid
    from cells as c
    left join articles as a on c.raw_id = a.raw_id and c.row_no = a.row_no
    left join coupon_sums as k on c.raw_id = k.raw_id and c.row_no = k.row_no
    left join named_sums as n on c.raw_id = n.raw_id and c.row_no = n.row_no
    left join states as s on c.status = s.source
),
-- What was paid comes up to a minute late and is nothing until then; what is due is there at once.
paid as (
    select *, case when is_paid and actual_minor > 0 then actual_minor else due_minor end as payable_minor from joined
),
split as (
    select *,
        goods_minor - seller_minor + marketing_minor as merchant_minor,
        seller_minor + shipping_minor + tax_minor - balance_minor - card_minor - points_minor - principal_minor
            - marketing_minor - bank_minor - government_minor - coalesce(payable_minor, actual_minor) as platform_minor
    from paid
)
select
    raw_id, row_no, order_id as row_key, order_id, shop, status, items, parent_order_id,
    pin, open_id_buyer, province, receiver, mobile, address,
    placed_at, modified_at, exported_at, paid_at, shipped_at, state_rank,
    case when status_commercial = 'completed_by_buyer' then ended_at end as confirmed_at,
    case when status_commercial = 'closed_refunded' then ended_at end as closed_at,
    -- A paid order is split by warehouse and parcel; its parts are the sale, and the books leave it out.
    case when parent_order_id is not null then 'split_part' else 'sale' end as order_kind,
    goods_minor, shipping_minor, tax_minor, inner_tax_minor, merchant_minor, platform_minor, bank_minor, government_minor,
    balance_minor, card_minor, points_minor, principal_minor,
    case when is_paid then payable_minor else 0 end as paid_minor,
    case when status_commercial = 'closed_refunded' and paid_at is not null
         then payable_minor + balance_minor + card_minor + principal_minor else 0 end as refund_minor,
    case
        when status_commercial = 'closed_refunded' then 'voided'
        when status_payment <> 'unpaid' and not is_paid
             then case when contains(coalesce(pay_type, ''), '货到付款') then 'on_delivery' else 'deferred' end
        else status_payment
    end as payment_state,
    case when status_commercial = 'closed_refunded' and paid_at is null then 'cancelled_unpaid' else status_commercial end as commercial_state,
    case when status_commercial = 'closed_refunded' and shipped_at is not null then 'shipped' else status_fulfilment end as fulfilment_state,
    case
        when not is_plain_id(order_id) then 'bad_id:orderId'
        when placed_at is null then 'bad_time:orderStartTime'
        when modified_at is null then 'bad_time:modified'
        when not has_no_payment and paid_at is null then 'bad_time:paymentConfirmTime'
        when goods_minor is null then 'bad_money:orderTotalPrice'
        when seller_minor is null then 'bad_money:orderSellerPrice'
        when shipping_minor is null then 'bad_money:freightPrice'
        when tax_minor is null then 'bad_money:taxFee'
        when balance_minor is null then 'bad_money:balanceUsed'
        when actual_minor is null then 'bad_money:actualPay'
        when payable_minor is null then 'bad_money:shouldPay'
        when has_bad_id is null or has_bad_id then 'bad_id:itemInfoList.skuId'
        when has_bad_money then 'bad_money:itemInfoList.jdPrice'
        when has_bad_number then 'bad_number:itemInfoList.itemTotal'
        when has_bad_coupon then 'bad_money:couponDetailList.couponPrice'
        when has_bad_amount then 'bad_money:paymentDetailList.amountExpands'
        when known_status is null then 'unknown_code:orderState:' || coalesce(status, '')
        when merchant_minor < 0 then 'amounts_disagree:orderSellerPrice'
        when platform_minor < 0 then 'amounts_disagree:shouldPay'
    end as reject
from split
