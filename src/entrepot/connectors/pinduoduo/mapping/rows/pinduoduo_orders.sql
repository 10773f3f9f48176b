-- Pinduoduo order export, one row and one article per order. Meaning: docs/reference/file-semantics.md.
-- The order number starts with the day (yymmdd): it names the month, and the day where the export leaves the time blank.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop,
        w."订单号" as order_id, replace(w."订单状态", ',', '，') as status, replace(w."售后状态", ',', '，') as after_sale,
        w."商品" as title, w."商品id" as listing_id, w."样式ID" as variant_id,
        coalesce(w."商家编码-规格维度", w."商家编码-商品维度") as sku_id, w."商家编码-商品维度" as spu_id,
        w."快递单号" as tracking_no, w."快递公司" as carrier,
        case when regexp_matches(w."订单号", '\A[0-9]{6}-[0-9]+\z')
             then '20' || substr(w."订单号", 1, 2) || '-' || substr(w."订单号", 3, 2) end as month,
        case when regexp_matches(w."订单号", '\A[0-9]{6}-[0-9]+\z')
             then instant_from_beijing('20' || substr(w."订单号", 1, 2) || '-' || substr(w."订单号", 3, 2) || '-'
                                       || substr(w."订单号", 5, 2) || ' 00:00:00') end as day_at,
        w."订单成交时间" as deal_text, w."发货时间" as shipped_text, w."确认收货时间" as confirmed_text,
        instant_from_beijing(w."订单成交时间") as deal_at,
        instant_from_beijing(w."发货时间") as shipped_at,
        instant_from_beijing(w."确认收货时间") as confirmed_at,
        fen_from_yuan(w."商品总价(元)") as goods_minor,
        fen_from_yuan(coalesce(w."邮费(元)", '0')) as shipping_minor,
        fen_from_yuan(coalesce(w."店铺优惠折扣(元)", '0')) as merchant_minor,
        fen_from_yuan(coalesce(w."平台优惠折扣(元)", '0')) as platform_minor,
        fen_from_yuan(coalesce(w."多多支付立减金额(元)", '0')) as provider_minor,
        fen_from_yuan(w."用户实付金额(元)") as buyer_paid_minor,
        case when regexp_matches(w."商品数量(件)", '\A[0-9]{1,9}\z') then cast(w."商品数量(件)" as bigint) end as counted
    from wire as w join files as f on w.raw_id = f.raw_id
),
stated as (
    select c.*, s.status as known_status, s.payment_state as status_payment, s.commercial_state as status_commercial,
        s.fulfilment_state as status_fulfilment, cast(coalesce(s.state_rank, '0') as bigint) as state_rank,
        a.after_sale as known_after_sale, a.fulfilment_state as after_sale_fulfilment,
        coalesce(a.closes = 'yes' or (a.closes = 'if_unshipped' and c.shipped_at is null and c.confirmed_at is null
                                      and s.fulfilment_state in ('unallocated', 'allocated')), false) as closes,
        case s.payment_state when 'unpaid' then false
             when 'voided' then c.deal_at is not null or c.buyer_paid_minor > 0
             else true end as is_paid,
        -- Goods that the units do not divide are one unit of the whole.
        case when c.counted > 0 and c.goods_minor % nullif(c.counted, 0) = 0 then c.counted else 1 end as quantity
    from cells as c
    left join pinduoduo_status as s on c.status = s.status
    left join pinduoduo_after_sale as a on c.after_sale = a.after_sale
),
closed as (
    select *,
        case when not is_paid and (closes or status_commercial in ('closed_refunded', 'lottery_lost')) then 'cancelled_unpaid'
             when closes and status_commercial not in ('group_failed', 'lottery_lost') then 'closed_refunded'
             else status_commercial end as commercial_state,
        case when is_paid then buyer_paid_minor else 0 end as paid_minor
    from stated
)
select
    raw_id, row_no, order_id as row_key, order_id, shop, exported_at, month, status, after_sale, title,
    listing_id, variant_id, sku_id, spu_id, tracking_no, carrier,
    coalesce(deal_at, day_at) as placed_at, deal_at is null as placed_is_estimated,
    case when is_paid then coalesce(deal_at, day_at) end as paid_at,
    shipped_at, confirmed_at, quantity,
    case when counted > 0 and goods_minor % nullif(counted, 0) = 0 then goods_minor // nullif(counted, 0) else goods_minor end as unit_price_minor,
    goods_minor, shipping_minor, merchant_minor, platform_minor, provider_minor, paid_minor,
    commercial_state,
    case when commercial_state in ('closed_refunded', 'cancelled_unpaid') then 'voided' else status_payment end as payment_state,
    case when commercial_state = 'closed_refunded' then 'unallocated'
         else coalesce(after_sale_fulfilment, status_fulfilment) end as fulfilment_state,
    -- The row of the order closes the sale as a whole; how much went back after shipping only the bill knows.
    case when commercial_state in ('closed_refunded', 'group_failed', 'lottery_lost') then paid_minor end as refund_minor,
    case when commercial_state = 'closed_refunded' then 70 else state_rank end as state_rank,
    case
        when not is_plain_id(order_id) or day_at is null then 'bad_id:订单号'
        when deal_text is not null and deal_at is null then 'bad_time:订单成交时间'
        when shipped_text is not null and shipped_at is null then 'bad_time:发货时间'
        when confirmed_text is not null and confirmed_at is null then 'bad_time:确认收货时间'
        when coalesce(counted, 0) = 0 then 'bad_number:商品数量(件)'
        when goods_minor is null then 'bad_money:商品总价(元)'
        when shipping_minor is null then 'bad_money:邮费(元)'
        when merchant_minor is null then 'bad_money:店铺优惠折扣(元)'
        when platform_minor is null then 'bad_money:平台优惠折扣(元)'
        when provider_minor is null then 'bad_money:多多支付立减金额(元)'
        when buyer_paid_minor is null then 'bad_money:用户实付金额(元)'
        when known_status is null then 'unknown_code:订单状态:' || coalesce(status, '')
        when after_sale is not null and known_after_sale is null then 'unknown_code:售后状态:' || after_sale
    end as reject
from closed
