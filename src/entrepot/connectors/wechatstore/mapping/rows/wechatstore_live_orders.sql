-- Orders by API, one row per answer of channels/ec/order/get. Money is fen. What a buyer pays is what is left of goods and
-- freight; of the difference each field tells its funder, and what none tells is the platform's (assumed). A lottery's
-- order is paid by the merchant, one for points by points.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, w.products, w.parcels, w.order_id, w.status as code, w.payment_method as way, w.openid as buyer_id,
        w.province, w.receiver, w.mobile, w.address, coalesce(w.pay_time, '0') as paid_text,
        case when regexp_matches(w.create_time, '\A[1-9][0-9]{9}\z') then to_timestamp(cast(w.create_time || '' as bigint)) end as placed_at,
        case when regexp_matches(w.update_time, '\A[1-9][0-9]{9}\z') then to_timestamp(cast(w.update_time || '' as bigint)) end as modified_at,
        case when regexp_matches(w.pay_time, '\A[1-9][0-9]{9}\z') then to_timestamp(cast(w.pay_time || '' as bigint)) end as first_paid_at,
        case when regexp_matches(w.ship_done_time, '\A[1-9][0-9]{9}\z') then to_timestamp(cast(w.ship_done_time || '' as bigint)) end as shipped_at,
        case when regexp_matches(w.confirm_receipt_time, '\A[1-9][0-9]{9}\z') then to_timestamp(cast(w.confirm_receipt_time || '' as bigint)) end as received_at,
        minor_from_decimal(w.order_price, 0) as price_minor,
        minor_from_decimal(case when w.is_change_freight = 'true' then w.change_freight else coalesce(w.freight, '0') end, 0) as shipping_minor,
        minor_from_decimal(coalesce(w.merchant_discounted_price, w.discounted_price, '0'), 0) as off_minor,
        minor_from_decimal(coalesce(w.change_down_price, '0'), 0) as change_minor,
        minor_from_decimal(coalesce(w.finder_discounted_price, '0'), 0) as talent_minor,
        minor_from_decimal(coalesce(w.deduction_price, '0'), 0) as points_minor,
        minor_from_decimal(coalesce(w.national_subsidy_discounted_price, '0'), 0) as government_minor
    from wire as w join files as f on w.raw_id = f.raw_id
),
opened as (
    select raw_id, row_no, unnest(products) as p from cells
),
-- Joined with nothing, for DuckDB casts all texts of a list at once, those too that a case leaves out.
texts as (
    select raw_id, row_no, p.sku_id || '' as sku, p.sku_cnt || '' as counted, p.sale_price || '' as price from opened
),
goods as (
    select
        raw_id, row_no, sum_exact(product_exact(minor_from_decimal(price, 0), minor_from_decimal(counted, 0))) as goods_minor,
        bool_or(minor_from_decimal(price, 0) is null) as has_bad_price, bool_or(minor_from_decimal(price, 0) < 0) as has_negative_price,
        bool_or(coalesce(minor_from_decimal(counted, 0), 0) <= 0) as has_bad_number, bool_or(not is_plain_id(sku)) as has_bad_id
    from texts group by raw_id, row_no
),
joined as (
    select
        c.*, g.goods_minor, g.has_bad_price, g.has_negative_price, g.has_bad_number, g.has_bad_id,
        s.status, s.payment_state as status_payment, s.commercial_state as status_commercial, s.fulfilment_state as status_fulfilment,
        cast(coalesce(s.state_rank, '0') as bigint) as state_rank,
        case when c.way in ('3', '4') then 0 else c.price_minor end as cash_minor,
        -- 先用后付: the time of payment is that of the promise to pay. It is paid when the order is done (assumed).
        coalesce(c.way, '') = '2' and s.payment_state = 'escrowed' as is_deferred
    from cells as c
    left join goods as g on c.raw_id = g.raw_id and c.row_no = g.row_no
    left join wechatstore_status_codes as s on c.code = s.code
),
told as (
    select *,
        goods_minor + shipping_minor - off_minor - change_minor - talent_minor - points_minor - government_minor - cash_minor as rest_minor,
        case when is_deferred then null when way = '2' then coalesce(received_at, first_paid_at) else first_paid_at end as paid_at
    from joined
)
select
    raw_id, row_no, order_id as row_key, order_id, shop, status, products, parcels, buyer_id, province, receiver, mobile, address,
    placed_at, modified_at, exported_at, paid_at, shipped_at, state_rank, goods_minor, shipping_minor, change_minor, talent_minor, government_minor,
    off_minor + case when way = '3' then rest_minor else 0 end as merchant_minor,
    points_minor + case when way = '4' then rest_minor else 0 end as points_minor,
    case when coalesce(way, '1') not in ('3', '4') then rest_minor else 0 end as platform_minor,
    case when paid_at is null then 0 else cash_minor end as paid_minor,
    case when code = '100' then received_at end as confirmed_at,
    case when way = '3' then 'gift' else 'sale' end as order_kind,
    case when is_deferred then 'deferred' else status_payment end as payment_state,
    case when status_commercial = 'closed_refunded' and first_paid_at is null then 'cancelled_unpaid' else status_commercial end as commercial_state,
    case when status_commercial = 'closed_refunded' and shipped_at is not null then 'shipped' else status_fulfilment end as fulfilment_state,
    status_commercial = 'closed_refunded' as is_closed,
    case
        when not is_plain_id(order_id) then 'bad_id:order_id'
        when placed_at is null then 'bad_time:create_time'
        when modified_at is null then 'bad_time:update_time'
        when paid_text <> '0' and first_paid_at is null then 'bad_time:order_detail.pay_info.pay_time'
        when price_minor is null then 'bad_money:order_detail.price_info.order_price'
        when shipping_minor is null then 'bad_money:order_detail.price_info.freight'
        when off_minor is null then 'bad_money:order_detail.price_info.merchant_discounted_price'
        when change_minor is null then 'bad_money:order_detail.price_info.change_down_price'
        when talent_minor is null then 'bad_money:order_detail.price_info.finder_discounted_price'
        when points_minor is null then 'bad_money:order_detail.price_info.deduction_price'
        when government_minor is null then 'bad_money:order_detail.price_info.national_subsidy_discounted_price'
        when has_bad_id is null or has_bad_id then 'bad_id:order_detail.product_infos.sku_id'
        when has_bad_number then 'bad_number:order_detail.product_infos.sku_cnt'
        when has_bad_price then 'bad_money:order_detail.product_infos.sale_price'
        when status is null then 'unknown_code:status:' || coalesce(code, '')
        when way not in ('0', '1', '2', '3', '4') then 'unknown_code:order_detail.pay_info.payment_method:' || way
        when has_negative_price then 'negative_amount:order_detail.product_infos.sale_price'
        when price_minor < 0 then 'negative_amount:order_detail.price_info.order_price'
        when shipping_minor < 0 then 'negative_amount:order_detail.price_info.freight'
        when rest_minor < 0 then 'inconsistent_amount:order_detail.price_info.order_price'
    end as reject
from told
