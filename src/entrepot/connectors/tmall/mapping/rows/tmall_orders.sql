-- Tmall order list, one row per order. Meaning of the columns: docs/reference/file-semantics.md.
-- The reduced report of 2020 has no status column; there the state follows from payment and refund.
with cells as (
    select
        w.raw_id, w.row_no, w.row_hash, f.exported_at, f.shop as file_shop,
        contains(f.column_set, '|订单状态|') as has_status,
        w."订单编号" as order_id, w."店铺名称" as row_shop, w."订单状态" as status, w."物流单号" as tracking_no, w."物流公司" as carrier,
        w."买家会员名" as buyer_account, w."收货人姓名" as recipient_name, w."收货地址" as recipient_address,
        coalesce(w."联系手机", w."联系电话") as recipient_mobile, w."主订单编号" as parent_order_id,
        coalesce(w."是否信用购", '') = '是' as is_credit_buy, w."分阶段订单信息" as phases, w."订单创建时间" as placed_text, w."订单付款时间" as paid_text, w."确认收货时间" as confirmed_text,
        instant_from_beijing(w."订单创建时间") as placed_at,
        instant_from_beijing(w."订单付款时间") as paid_at,
        instant_from_beijing(w."确认收货时间") as confirmed_at,
        -- Only newer files have it; one that has nothing to say may say so in a word, with dashes or with a day that is none.
        case when lower(w."发货时间") not in ('null', '-', '--', '0000-00-00 00:00:00') then w."发货时间" end as shipped_text,
        fen_from_yuan(w."总金额") as total_minor,
        fen_from_yuan(coalesce(w."买家应付货款", '0')) as goods_payable_minor,
        fen_from_yuan(coalesce(w."买家应付邮费", '0')) as shipping_minor,
        w."买家应付货款" is null as goods_absent,
        fen_from_yuan(w."买家实际支付金额") as paid_now_minor,
        fen_from_yuan(coalesce(w."天猫卡券抵扣", '0')) as platform_minor,
        fen_from_yuan(coalesce(w."集分宝抵扣", '0')) as points_minor,
        fen_from_yuan(case when coalesce(w."退款金额", '无退款申请') in ('无退款申请', '-') then '0' else w."退款金额" end) as refund_minor
    from wire as w join files as f on w.raw_id = f.raw_id
),
phased as (
    select *,
        instant_from_beijing(shipped_text) as shipped_at,
        regexp_matches(coalesce(phases, ''), '阶段1') as is_presale,
        regexp_matches(coalesce(phases, ''), '阶段1[^；;]*已付款') as says_deposit_paid,
        instant_from_beijing(regexp_extract(phases, '阶段1[^；;]*已付款[，,] ?([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2})', 1)) as deposit_paid_at,
        fen_from_yuan(regexp_extract(phases, '阶段1[：:]定金([0-9.]+)元', 1)) as deposit_minor
    from cells
),
tested as (
    -- Whether the platform has lowered the paid amount by what it refunded is one habit of a whole export. It shows on rows
    -- where only one reading leaves 总金额 = paid + 卡券 + 集分宝 + discount with a discount and no refund beyond the payment.
    select *,
        paid_at is not null and refund_minor > 0
            and paid_now_minor + refund_minor + platform_minor + points_minor <= total_minor
            and (refund_minor > paid_now_minor or paid_now_minor + refund_minor + platform_minor + points_minor = total_minor)
            as shows_lowered,
        paid_at is not null and refund_minor > 0 and refund_minor <= paid_now_minor
            and paid_now_minor + platform_minor + points_minor <= total_minor
            and paid_now_minor + refund_minor + platform_minor + points_minor > total_minor
            as shows_kept
    from phased
),
decided as (
    select *,
        sum_exact(case when shows_lowered then 1 else 0 end) over (partition by raw_id) as lowered_rows,
        sum_exact(case when shows_kept then 1 else 0 end) over (partition by raw_id) as kept_rows
    from tested
),
money as (
    select *,
        -- Put the refund back where the file does not show the other habit and the sum still fits the total.
        case
            when paid_at is null then 0
            when kept_rows <= lowered_rows and paid_now_minor + refund_minor <= total_minor then paid_now_minor + refund_minor
            else paid_now_minor
        end as paid_minor
    from decided
)
select
    m.raw_id, m.row_no, m.order_id as row_key,
    m.order_id, coalesce(m.row_shop, m.file_shop) as shop, m.parent_order_id, m.status, m.tracking_no, m.carrier,
    m.buyer_account, m.recipient_name, m.recipient_mobile, m.recipient_address,
    m.placed_at, m.paid_at, m.shipped_at, m.confirmed_at, m.exported_at,
    case when m.is_presale then m.deposit_paid_at end as deposit_paid_at,
    case when m.is_presale and m.deposit_paid_at is not null then m.deposit_minor end as deposit_minor,
    case when m.is_presale then 'presale' else 'sale' end as order_kind,
    case when m.goods_absent then m.total_minor - m.shipping_minor else m.goods_payable_minor end as goods_minor,
    m.shipping_minor, m.platform_minor, m.points_minor, m.paid_minor, m.refund_minor,
    case when m.paid_at is null then 0
         else m.total_minor - m.paid_minor - m.platform_minor - m.points_minor end as merchant_minor,
    case
        when m.paid_at is null and m.is_presale and m.deposit_paid_at is not null then 'deposit_paid'
        when m.paid_at is null and m.is_credit_buy and s.fulfilment_state in ('part_shipped', 'shipped', 'delivered') then 'deferred'
        when m.paid_at is null then coalesce(case when m.has_status then s.payment_state end, 'unpaid')
        when m.has_status then s.payment_state
        when m.refund_minor > 0 and m.paid_now_minor = 0 then 'voided'
        else 'escrowed'
    end as payment_state,
    case
        when m.has_status and s.commercial_state = 'closed_refunded' and m.paid_at is null then 'cancelled_unpaid'
        when m.has_status then s.commercial_state
        when m.paid_at is not null and m.refund_minor > 0 and m.paid_now_minor = 0 then 'closed_refunded'
        else 'open'
    end as commercial_state,
    case
        when m.has_status and s.commercial_state = 'closed_refunded' and coalesce(m.tracking_no, m.shipped_text) is not null
        then 'shipped'
        when m.has_status then s.fulfilment_state
        else 'unallocated'
    end as fulfilment_state,
    cast(coalesce(s.state_rank, '0') as bigint) as state_rank,
    case
        when not is_plain_id(m.order_id) then 'bad_id:订单编号'
        when m.placed_at is null then 'bad_time:订单创建时间'
        when m.paid_text is not null and m.paid_at is null then 'bad_time:订单付款时间'
        when m.shipped_text is not null and m.shipped_at is null then 'bad_time:发货时间'
        when m.confirmed_text is not null and m.confirmed_at is null then 'bad_time:确认收货时间'
        when m.total_minor is null then 'bad_money:总金额'
        when m.goods_payable_minor is null then 'bad_money:买家应付货款'
        when m.shipping_minor is null then 'bad_money:买家应付邮费'
        when m.paid_now_minor is null then 'bad_money:买家实际支付金额'
        when m.platform_minor is null then 'bad_money:天猫卡券抵扣'
        when m.points_minor is null then 'bad_money:集分宝抵扣'
        when m.refund_minor is null then 'bad_money:退款金额'
        when m.total_minor < 0 then 'negative_amount:总金额'
        when m.goods_payable_minor < 0 then 'negative_amount:买家应付货款'
        when m.shipping_minor < 0 then 'negative_amount:买家应付邮费'
        when m.paid_now_minor < 0 then 'negative_amount:买家实际支付金额'
        when m.platform_minor < 0 then 'negative_amount:天猫卡券抵扣'
        when m.points_minor < 0 then 'negative_amount:集分宝抵扣'
        when m.refund_minor < 0 then 'negative_amount:退款金额'
        when m.is_presale and m.deposit_minor is null then 'bad_money:分阶段订单信息'
        when m.says_deposit_paid and m.deposit_paid_at is null then 'bad_time:分阶段订单信息'
        when m.has_status and s.status is null then 'unknown_code:订单状态:' || coalesce(m.status, '')
    end as reject
from money as m left join tmall_status as s on m.status = s.status
