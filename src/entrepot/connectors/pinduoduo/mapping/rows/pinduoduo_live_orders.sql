-- Orders by API, one row per answer of pdd.order.information.get. The state is that of a tuple of five; the words it
-- stands for are those of the files. What 多多支付 takes off is no cash of the buyer, as in the files.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, w.order_sn as order_id, w.items, w.tracking_number, w.trade_type,
        w.open_address_id, w.province, w.receiver, w.mobile, w.address,
        case when regexp_matches(w.order_sn, '\A[0-9]{6}-[0-9]+\z')
             then '20' || substr(w.order_sn, 1, 2) || '-' || substr(w.order_sn, 3, 2) end as month,
        case
            when coalesce(w.is_lucky_flag, '1') = '2' and w.refund_status = '4' then 'lottery|4'
            when w.group_status = '2' and w.refund_status = '4' then 'group_failed|4'
            when w.group_status = '2' then 'group_failed'
            when w.confirm_status = '2' then 'cancelled'
            when w.confirm_status = '0' and w.pay_time is null then 'unpaid'
            when w.confirm_status <> '1' and coalesce(w.is_lucky_flag, '1') = '2' then 'lottery'
            when w.confirm_status = '0' then 'forming'
            when w.risk_control_status = '1' then 'risk'
            else w.order_status || '|' || w.refund_status
        end as state_tuple,
        w.pay_time is not null and instant_from_beijing(w.pay_time) is null as paid_is_bad,
        instant_from_beijing(w.created_time) as placed_at,
        instant_from_beijing(w.updated_at) as modified_at,
        instant_from_beijing(w.pay_time) as paid_at,
        instant_from_beijing(w.shipping_time) as shipped_at,
        instant_from_beijing(w.receive_time) as confirmed_at,
        minor_from_decimal(w.goods_amount, 2) as goods_minor,
        minor_from_decimal(w.pay_amount, 2) as pay_minor,
        minor_from_decimal(coalesce(w.postage, '0'), 2) as shipping_minor,
        minor_from_decimal(coalesce(w.seller_discount, '0'), 2) as merchant_minor,
        minor_from_decimal(coalesce(w.platform_discount, '0'), 2) as platform_minor,
        minor_from_decimal(coalesce(w.capital_free_discount, '0'), 2) as free_minor,
        minor_from_decimal(coalesce(w.duo_duo_pay_reduction, '0'), 2) as reduction_minor
    from wire as w join files as f on w.raw_id = f.raw_id
),
opened as (
    select raw_id, row_no, unnest(items) as i from cells
),
texts as (
    select raw_id, row_no, i.goods_count || '' as counted, i.goods_id as listing_id, i.sku_id as variant_id,
           coalesce(i.outer_id, i.outer_goods_id) as sku_code, i.outer_goods_id as spu_code, i.goods_name as title
    from opened
),
articles as (
    select raw_id, row_no, count(*) as article_count, min(minor_from_decimal(counted, 0)) as counted, min(listing_id) as listing_id,
           min(variant_id) as variant_id, min(sku_code) as sku_code, min(spu_code) as spu_code, min(title) as title
    from texts group by raw_id, row_no
),
stated as (
    select c.*, a.article_count, a.counted, a.listing_id, a.variant_id, a.sku_code, a.spu_code, a.title,
        s.status as status, s.payment_state as status_payment, s.commercial_state as status_commercial,
        s.fulfilment_state as status_fulfilment, cast(coalesce(s.state_rank, '0') as bigint) as state_rank,
        case when c.paid_at is null then 0 else c.pay_minor - c.reduction_minor end as paid_minor
    from cells as c
    left join articles as a on c.raw_id = a.raw_id and c.row_no = a.row_no
    left join pinduoduo_status_tuples as t on c.state_tuple = t.tuple
    left join pinduoduo_status as s on t.status = s.status
)
select
    raw_id, row_no, order_id as row_key, order_id, shop, month, status, tracking_number,
    open_address_id, province, receiver, mobile, address,
    placed_at, modified_at, exported_at, paid_at, shipped_at, confirmed_at, state_rank,
    case when trade_type = '1' then 'presale' else 'sale' end as order_kind,
    listing_id, variant_id, sku_code, spu_code, title,
    case when counted > 0 and goods_minor % nullif(counted, 0) = 0 then counted else 1 end as quantity,
    case when counted > 0 and goods_minor % nullif(counted, 0) = 0 then goods_minor // nullif(counted, 0) else goods_minor end as unit_price_minor,
    goods_minor, shipping_minor, merchant_minor, platform_minor, free_minor + reduction_minor as provider_minor, paid_minor,
    status_payment as payment_state, status_fulfilment as fulfilment_state,
    case when status_commercial = 'closed_refunded' and paid_at is null then 'cancelled_unpaid' else status_commercial end as commercial_state,
    -- How much went back after shipping only the refund list and the bill know.
    case when status_commercial in ('closed_refunded', 'group_failed', 'lottery_lost') then paid_minor else 0 end as refund_minor,
    case
        when not is_plain_id(order_id) or month is null then 'bad_id:order_sn'
        when placed_at is null then 'bad_time:created_time'
        when modified_at is null then 'bad_time:updated_at'
        when paid_is_bad then 'bad_time:pay_time'
        when goods_minor is null then 'bad_money:goods_amount'
        when pay_minor is null then 'bad_money:pay_amount'
        when shipping_minor is null then 'bad_money:postage'
        when merchant_minor is null then 'bad_money:seller_discount'
        when platform_minor is null then 'bad_money:platform_discount'
        when free_minor is null then 'bad_money:capital_free_discount'
        when reduction_minor is null then 'bad_money:duo_duo_pay_reduction'
        when article_count > 1 then 'unknown_code:item_list:several'
        when coalesce(counted, 0) = 0 then 'bad_number:goods_count'
        when status is null then 'unknown_code:order_status:' || coalesce(state_tuple, '')
    end as reject
from stated
