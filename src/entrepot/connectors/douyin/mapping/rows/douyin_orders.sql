-- Douyin order export, one row per sub-order, three generations of the header. Meaning: docs/reference/file-semantics.md.
-- Money stands per sub-order; the order is the sum of its lines. A column that a generation lacks gives null here, so
-- that a short export never takes back what a full one said.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop,
        contains(f.column_set, '|支付完成时间|') as has_paid_time, contains(f.column_set, '|支付优惠|') as has_provider,
        contains(f.column_set, '|税费|') as has_tax,
        w."主订单编号" as order_id, w."子订单编号" as line_id, w."商品ID" as listing_id, w."商家编码" as sku_id,
        w."货号" as spu_id, w."选购商品" as title, w."支付方式" as payment_method, w."订单类型" as order_type,
        w."订单状态" as status, w."售后状态" as after_sale,
        w."收件人" as recipient_name, w."收件人手机号" as recipient_mobile, w."详细地址" as recipient_address, w."省" as province,
        w."达人ID" as talent_id, w."达人昵称" as talent_name,
        w."支付完成时间" as paid_text, w."订单完成时间" as confirmed_text, w."发货时间" as shipped_text,
        instant_from_beijing(w."订单提交时间") as placed_at,
        instant_from_beijing(w."支付完成时间") as paid_at,
        instant_from_beijing(w."订单完成时间") as confirmed_at,
        instant_from_beijing(w."发货时间") as shipped_at,
        case when regexp_matches(w."商品数量", '\A[0-9]{1,9}\z') then cast(w."商品数量" as bigint) end as quantity,
        w."商品金额" as goods_text, fen_from_yuan(w."商品金额") as goods_cell_minor,
        w."商品单价" as price_text, fen_from_yuan(w."商品单价") as price_minor,
        fen_from_yuan(w."订单应付金额") as payable_minor,
        fen_from_yuan(coalesce(w."运费", '0')) as shipping_minor,
        fen_from_yuan(coalesce(w."税费", '0')) as tax_minor,
        fen_from_yuan(coalesce(w."支付优惠", '0')) as provider_minor,
        fen_from_yuan(coalesce(w."平台实际承担优惠金额", '0')) as platform_minor,
        fen_from_yuan(coalesce(w."商家实际承担优惠金额", '0')) as merchant_minor,
        fen_from_yuan(coalesce(w."达人实际承担优惠金额", '0')) as talent_minor
    from wire as w join files as f on w.raw_id = f.raw_id
),
stated as (
    select c.*, s.status as known_status, s.payment_state as status_payment, s.commercial_state as status_commercial,
        s.fulfilment_state as status_fulfilment, s.refund as status_refund, cast(coalesce(s.state_rank, '0') as bigint) as state_rank,
        a.after_sale as known_after_sale,
        -- Cash on delivery has no payment time: whoever completed such an order has paid it at the door.
        case when c.has_paid_time then c.paid_at is not null
                  or (s.commercial_state = 'completed_by_buyer' and contains(coalesce(c.payment_method, ''), '货到付款'))
             when s.is_paid = 'maybe' then c.shipped_at is not null or coalesce(a.money, '') = 'returned'
             else coalesce(s.is_paid, '') = 'yes' end as is_paid,
        case when c.goods_text is not null then c.goods_cell_minor
             when c.price_text is not null then product_exact(c.price_minor, c.quantity)
             else c.payable_minor + c.platform_minor + c.merchant_minor + c.talent_minor - c.shipping_minor - c.tax_minor
        end as goods_minor
    from cells as c
    left join douyin_status as s on c.status = s.status
    left join douyin_after_sale as a on c.after_sale = a.after_sale
),
paid as (
    select *,
        case when is_paid then payable_minor - provider_minor else 0 end as paid_minor,
        case when status_commercial = 'closed_refunded' and not is_paid then 'cancelled_unpaid'
             else status_commercial end as commercial_state
    from stated
)
select
    raw_id, row_no, line_id as row_key, order_id, line_id, shop, exported_at, listing_id, sku_id, spu_id, title, quantity,
    status, after_sale, recipient_name, recipient_mobile, recipient_address, province, talent_id, talent_name,
    placed_at, paid_at, shipped_at, confirmed_at, commercial_state,
    case when contains(coalesce(order_type, ''), '预售') then 'presale' else 'sale' end as order_kind,
    case
        when commercial_state in ('closed_refunded', 'cancelled_unpaid') then 'voided'
        when not is_paid and status_payment in ('escrowed', 'released')
             then case when contains(coalesce(payment_method, ''), '货到付款') then 'on_delivery' else 'deferred' end
        else status_payment
    end as payment_state,
    case when status_commercial = 'closed_refunded' and shipped_at is not null then 'shipped' else status_fulfilment end
        as fulfilment_state,
    commercial_state in ('closed_refunded', 'cancelled_unpaid') as is_closed,
    goods_minor, case when quantity > 0 and goods_minor % nullif(quantity, 0) = 0 then goods_minor // nullif(quantity, 0) end as unit_price_minor,
    shipping_minor, platform_minor, merchant_minor, talent_minor, paid_minor,
    case when has_tax then tax_minor end as tax_minor,
    case when has_provider then provider_minor end as provider_minor,
    case when status_refund = 'whole' and is_paid then paid_minor end as refund_minor,
    state_rank,
    case
        when not is_plain_id(order_id) then 'bad_id:主订单编号'
        when not is_plain_id(line_id) then 'bad_id:子订单编号'
        when placed_at is null then 'bad_time:订单提交时间'
        when paid_text is not null and paid_at is null then 'bad_time:支付完成时间'
        when confirmed_text is not null and confirmed_at is null then 'bad_time:订单完成时间'
        when shipped_text is not null and shipped_at is null then 'bad_time:发货时间'
        when coalesce(quantity, 0) = 0 then 'bad_number:商品数量'
        when goods_text is not null and goods_cell_minor is null then 'bad_money:商品金额'
        when price_text is not null and price_minor is null then 'bad_money:商品单价'
        when payable_minor is null then 'bad_money:订单应付金额'
        when shipping_minor is null then 'bad_money:运费'
        when tax_minor is null then 'bad_money:税费'
        when provider_minor is null then 'bad_money:支付优惠'
        when platform_minor is null then 'bad_money:平台实际承担优惠金额'
        when merchant_minor is null then 'bad_money:商家实际承担优惠金额'
        when talent_minor is null then 'bad_money:达人实际承担优惠金额'
        when known_status is null then 'unknown_code:订单状态:' || coalesce(status, '')
        when after_sale is not null and known_after_sale is null then 'unknown_code:售后状态:' || after_sale
    end as reject
from paid
