-- JD order export, one row per article with the amounts of the order on each. Meaning: docs/reference/file-semantics.md.
-- The file numbers no lines: an article that stands twice in one order is told apart by counting.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop,
        w."订单号" as order_id, w."商品ID" as listing_id, w."商品名称" as title, w."货号" as sku_id,
        w."支付方式" as payment_method, w."订单类型" as order_type, w."订单状态" as status,
        w."下单帐号" as buyer_account, w."客户姓名" as recipient_name, w."客户地址" as recipient_address,
        w."联系电话" as recipient_mobile, w."付款确认时间" as paid_text, w."订单完成时间" as done_text,
        instant_from_beijing(w."下单时间") as placed_at,
        instant_from_beijing(w."付款确认时间") as paid_at,
        instant_from_beijing(w."订单完成时间") as done_at,
        case when regexp_matches(w."订购数量", '\A[0-9]{1,9}\z') then cast(w."订购数量" as bigint) end as quantity,
        fen_from_yuan(w."京东价") as unit_price_minor,
        fen_from_yuan(w."订单金额") as goods_minor,
        fen_from_yuan(w."结算金额") as settle_minor,
        fen_from_yuan(coalesce(w."余额支付", '0')) as balance_minor,
        fen_from_yuan(w."应付金额") as payable_minor,
        fen_from_yuan(coalesce(w."运费金额", '0')) as shipping_minor
    from wire as w join files as f on w.raw_id = f.raw_id
),
compared as (
    select *,
        row_number() over (partition by raw_id, order_id, listing_id order by row_no) as twin,
        min(goods_minor) over (partition by raw_id, order_id) <> max(goods_minor) over (partition by raw_id, order_id) as goods_differ,
        min(settle_minor) over (partition by raw_id, order_id) <> max(settle_minor) over (partition by raw_id, order_id) as settle_differ,
        min(balance_minor) over (partition by raw_id, order_id) <> max(balance_minor) over (partition by raw_id, order_id) as balance_differ,
        min(payable_minor) over (partition by raw_id, order_id) <> max(payable_minor) over (partition by raw_id, order_id) as payable_differ,
        min(shipping_minor) over (partition by raw_id, order_id) <> max(shipping_minor) over (partition by raw_id, order_id) as shipping_differ
    from cells
),
told as (
    -- Cash on delivery has no payment time: whoever completed such an order has paid it at the door.
    select c.*, c.paid_at is not null or (s.commercial_state = 'completed_by_buyer' and contains(coalesce(c.payment_method, ''), '货到付款'))
            as is_paid,
        s.status as known_status, s.payment_state as status_payment, s.commercial_state as status_commercial,
        s.fulfilment_state, cast(coalesce(s.state_rank, '0') as bigint) as state_rank
    from compared as c left join jd_status as s on c.status = s.status
),
stated as (
    select *, case when is_paid then payable_minor else 0 end as paid_minor, case when is_paid then balance_minor else 0 end as tender_minor
    from told
)
select
    raw_id, row_no, order_id || '|' || listing_id || '|' || cast(twin as varchar) as row_key,
    order_id, listing_id || '-' || cast(twin as varchar) as line_id, listing_id, sku_id, title, quantity,
    shop, exported_at, status, buyer_account, recipient_name, recipient_mobile, recipient_address,
    placed_at, paid_at,
    case when status_commercial = 'completed_by_buyer' then done_at end as confirmed_at,
    case when status_commercial = 'closed_refunded' then done_at end as closed_at,
    -- An order that costs nothing and is of an exchange type replaces goods that were sold before.
    case when regexp_matches(coalesce(order_type, ''), '换新|换货') and settle_minor + shipping_minor = 0
         then 'exchange_replacement' else 'sale' end as order_kind,
    unit_price_minor, goods_minor, shipping_minor, paid_minor, tender_minor,
    -- Never below zero: where the columns mean something else, the order's own identity breaks and says so.
    greatest(goods_minor - settle_minor, 0) as merchant_minor,
    greatest(settle_minor + shipping_minor - balance_minor - payable_minor, 0) as platform_minor,
    case
        when status_commercial = 'closed_refunded' then 'voided'
        when status_payment <> 'unpaid' and not is_paid
             then case when contains(coalesce(payment_method, ''), '货到付款') then 'on_delivery' else 'deferred' end
        else status_payment
    end as payment_state,
    case when status_commercial = 'closed_refunded' and paid_at is null then 'cancelled_unpaid'
         else status_commercial end as commercial_state,
    case when status_commercial = 'closed_refunded' and paid_at is not null then paid_minor + tender_minor end as refund_minor,
    fulfilment_state, state_rank,
    case
        when not is_plain_id(order_id) then 'bad_id:订单号'
        when not is_plain_id(listing_id) then 'bad_id:商品ID'
        when placed_at is null then 'bad_time:下单时间'
        when paid_text is not null and paid_at is null then 'bad_time:付款确认时间'
        when done_text is not null and done_at is null then 'bad_time:订单完成时间'
        when coalesce(quantity, 0) = 0 then 'bad_number:订购数量'
        when unit_price_minor is null then 'bad_money:京东价'
        when goods_minor is null then 'bad_money:订单金额'
        when settle_minor is null then 'bad_money:结算金额'
        when balance_minor is null then 'bad_money:余额支付'
        when payable_minor is null then 'bad_money:应付金额'
        when shipping_minor is null then 'bad_money:运费金额'
        when goods_differ then 'inconsistent_amount:订单金额'
        when settle_differ then 'inconsistent_amount:结算金额'
        when balance_differ then 'inconsistent_amount:余额支付'
        when payable_differ then 'inconsistent_amount:应付金额'
        when shipping_differ then 'inconsistent_amount:运费金额'
        when known_status is null then 'unknown_code:订单状态:' || coalesce(status, '')
    end as reject
from stated
