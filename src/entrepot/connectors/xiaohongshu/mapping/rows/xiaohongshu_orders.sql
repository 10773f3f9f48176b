-- Xiaohongshu order export, one row per article of a package. Amounts stand per article, freight once per package on each
-- of its rows: it counts on the first. Meaning: docs/reference/file-semantics.md.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, coalesce(w."店铺名称", f.shop) as shop,
        w."订单号" as order_id, w."规格ID" as variant_id, w."商品ID" as listing_id, w."商家编码" as sku_id,
        coalesce(w."SKU名称", w."商品名称") as title, w."订单类型" as order_type, w."订单状态" as status, w."售后状态" as after_sale,
        w."收件人姓名" as recipient_name, w."收件人电话" as recipient_mobile, w."收件人地址" as recipient_address, w."省" as province,
        w."达人ID" as talent_id, w."达人名称" as talent_name,
        w."支付时间" as paid_text, w."订单发货时间" as shipped_text, w."订单完成时间" as confirmed_text,
        instant_from_beijing(w."订单创建时间") as placed_at, instant_from_beijing(w."支付时间") as paid_at,
        instant_from_beijing(w."订单发货时间") as shipped_at, instant_from_beijing(w."订单完成时间") as confirmed_at,
        case when regexp_matches(w."SKU件数", '\A[0-9]{1,9}\z') then cast(w."SKU件数" as bigint) end as quantity,
        fen_from_yuan(w."商品总价(元)") as goods_minor, fen_from_yuan(w."用户应付金额(元)") as payable_minor,
        fen_from_yuan(coalesce(w."平台优惠(元)", '0')) as platform_minor,
        fen_from_yuan(coalesce(w."店铺优惠(元)", '0')) as merchant_minor,
        fen_from_yuan(coalesce(w."支付渠道优惠(元)", '0')) as provider_minor,
        fen_from_yuan(coalesce(w."SKU商家改价(元)", '0')) as change_minor,
        fen_from_yuan(coalesce(w."包裹总运费(元)", '0')) as freight_minor
    from wire as w join files as f on w.raw_id = f.raw_id
),
stated as (
    select c.*, s.status as known_status, s.payment_state as status_payment, s.commercial_state as status_commercial,
        s.fulfilment_state as status_fulfilment, cast(coalesce(s.state_rank, '0') as bigint) as state_rank,
        a.after_sale as known_after_sale, coalesce(s.is_paid, '') = 'yes' or c.paid_at is not null as is_paid,
        row_number() over (partition by c.raw_id, c.order_id, c.variant_id order by c.row_no) as twin,
        row_number() over (partition by c.raw_id, c.order_id order by c.row_no) as place
    from cells as c
    left join xiaohongshu_status as s on c.status = s.status
    left join xiaohongshu_after_sale as a on c.after_sale = a.after_sale
),
closed as (
    select *,
        status_commercial = 'closed_refunded' as is_closed,
        case when status_commercial = 'closed_refunded' and not is_paid then 'cancelled_unpaid' else status_commercial end
            as commercial_state,
        case when is_paid then payable_minor - provider_minor + case when place = 1 then freight_minor else 0 end else 0 end as paid_minor
    from stated
)
select
    raw_id, row_no, order_id || '|' || coalesce(variant_id, '') || '|' || cast(twin as varchar) as row_key,
    variant_id || case when twin > 1 then '-' || cast(twin as varchar) else '' end as line_id,
    order_id, variant_id, listing_id, sku_id, title, quantity, shop, exported_at, status, after_sale, is_closed,
    recipient_name, recipient_mobile, recipient_address, province, talent_id, talent_name,
    placed_at, paid_at, shipped_at, confirmed_at,
    greatest(placed_at, coalesce(paid_at, placed_at), coalesce(shipped_at, placed_at), coalesce(confirmed_at, placed_at)) as newest_at,
    commercial_state, case when contains(coalesce(order_type, ''), '预售') then 'presale' else 'sale' end as order_kind,
    case when is_closed then 'voided' else status_payment end as payment_state,
    case when is_closed and shipped_at is not null then 'shipped' else status_fulfilment end as fulfilment_state,
    goods_minor, case when quantity > 0 and goods_minor % nullif(quantity, 0) = 0 then goods_minor // nullif(quantity, 0) end as unit_price_minor,
    case when place = 1 then freight_minor else 0 end as shipping_minor,
    platform_minor, merchant_minor, abs(change_minor) as change_minor, provider_minor, paid_minor,
    case when is_closed and is_paid then paid_minor end as refund_minor, state_rank,
    case
        when not is_plain_id(order_id) then 'bad_id:订单号'
        when not is_plain_id(variant_id) then 'bad_id:规格ID'
        when placed_at is null then 'bad_time:订单创建时间'
        when paid_text is not null and paid_at is null then 'bad_time:支付时间'
        when shipped_text is not null and shipped_at is null then 'bad_time:订单发货时间'
        when confirmed_text is not null and confirmed_at is null then 'bad_time:订单完成时间'
        when coalesce(quantity, 0) = 0 then 'bad_number:SKU件数'
        when goods_minor is null then 'bad_money:商品总价(元)'
        when payable_minor is null then 'bad_money:用户应付金额(元)'
        when platform_minor is null then 'bad_money:平台优惠(元)'
        when merchant_minor is null then 'bad_money:店铺优惠(元)'
        when provider_minor is null then 'bad_money:支付渠道优惠(元)'
        when change_minor is null then 'bad_money:SKU商家改价(元)'
        when freight_minor is null then 'bad_money:包裹总运费(元)'
        when known_status is null then 'unknown_code:订单状态:' || coalesce(status, '')
        when after_sale is not null and known_after_sale is null then 'unknown_code:售后状态:' || after_sale
    end as reject
from closed
