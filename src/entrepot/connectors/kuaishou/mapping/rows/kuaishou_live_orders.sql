-- Orders by API, one row per order of open.order.cursor.list. Money is fen. Contracts disagree on what the total is: the
-- merchant's, goods less what the merchant takes off, without freight; or the buyer's, goods and freight less every
-- discount. That reading holds which adds up. Meaning: docs/decisions/0043-platforms-in-their-folders.md.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, w.oid as order_id, w.status as code, w.payType as pay_type, coalesce(w.preSale, '0') as presale_code,
        w.buyerOpenId as buyer_id, w.buyerNick as buyer_name, w.province, w.receiver, w.mobile, w.address, w.openAddressId as open_address_id,
        w.itemId as listing_id, w.skuId as variant_id, coalesce(w.skuNick, w.goodsCode) as sku_code, w.itemTitle as title, w.parcels,
        w.distributorId as talent_id, w.distributorName as talent_name, coalesce(w.payTime, '0') as paid_text,
        case when regexp_matches(w.createTime, '\A[1-9][0-9]{12}\z') then to_timestamp(cast(left(w.createTime, 10) as bigint)) end as placed_at,
        case when regexp_matches(w.updateTime, '\A[1-9][0-9]{12}\z') then to_timestamp(cast(left(w.updateTime, 10) as bigint)) end as modified_at,
        case when regexp_matches(w.payTime, '\A[1-9][0-9]{12}\z') then to_timestamp(cast(left(w.payTime, 10) as bigint)) end as first_paid_at,
        case when regexp_matches(w.sendTime, '\A[1-9][0-9]{12}\z') then to_timestamp(cast(left(w.sendTime, 10) as bigint)) end as shipped_at,
        case when regexp_matches(w.recvTime, '\A[1-9][0-9]{12}\z') then to_timestamp(cast(left(w.recvTime, 10) as bigint)) end as received_at,
        minor_from_decimal(w.price, 0) as unit_price_minor,
        minor_from_decimal(w.num, 0) as quantity,
        minor_from_decimal(w.totalFee, 0) as total_minor,
        minor_from_decimal(coalesce(w.discountFee, '0'), 0) as off_minor,
        minor_from_decimal(coalesce(w.expressFee, '0'), 0) as shipping_minor,
        minor_from_decimal(coalesce(w.payChannelDiscount, '0'), 0) as provider_minor,
        minor_from_decimal(coalesce(w.governmentDiscount, '0'), 0) as government_minor
    from wire as w join files as f on w.raw_id = f.raw_id
),
priced as (
    select *, product_exact(unit_price_minor, quantity) as goods_minor from cells
),
joined as (
    select
        c.*, s.status, s.payment_state as status_payment, s.commercial_state as status_commercial, s.fulfilment_state as status_fulfilment,
        cast(coalesce(s.state_rank, '0') as bigint) as state_rank,
        c.total_minor = c.goods_minor + c.shipping_minor - c.off_minor as is_of_buyer,
        c.total_minor between c.goods_minor - c.off_minor and c.goods_minor as is_of_merchant,
        -- 先用后付: goods go out before anybody pays (assumed of the whole order).
        coalesce(c.pay_type, '') = '88' and s.payment_state = 'escrowed' as is_deferred
    from priced as c left join kuaishou_status_codes as s on c.code = s.code
),
told as (
    select *,
        case when is_of_buyer then off_minor else goods_minor - total_minor end as merchant_minor,
        case when is_deferred then null else first_paid_at end as paid_at
    from joined
)
select
    raw_id, row_no, order_id as row_key, order_id, shop, status, buyer_id, buyer_name, province, receiver, mobile, address, open_address_id,
    talent_id, talent_name, parcels, placed_at, modified_at, exported_at, paid_at, shipped_at, state_rank,
    listing_id, variant_id, sku_code, title, quantity, unit_price_minor, goods_minor, shipping_minor, merchant_minor, off_minor - merchant_minor as platform_minor,
    provider_minor, government_minor,
    case when paid_at is null then 0 else goods_minor + shipping_minor - off_minor - provider_minor - government_minor end as paid_minor,
    case when code = '70' then received_at end as confirmed_at,
    case when presale_code = '1' then 'presale' else 'sale' end as order_kind,
    case when is_deferred then 'deferred' else status_payment end as payment_state,
    case when status_commercial = 'closed_refunded' and paid_at is null then 'cancelled_unpaid' else status_commercial end as commercial_state,
    case when status_commercial = 'closed_refunded' and shipped_at is not null then 'shipped' else status_fulfilment end as fulfilment_state,
    status_commercial = 'closed_refunded' as is_closed,
    case
        when not is_plain_id(order_id) then 'bad_id:orderBaseInfo.oid'
        when not is_plain_id(listing_id) then 'bad_id:orderItemInfo.itemId'
        when placed_at is null then 'bad_time:orderBaseInfo.createTime'
        when modified_at is null then 'bad_time:orderBaseInfo.updateTime'
        when paid_text <> '0' and first_paid_at is null then 'bad_time:orderBaseInfo.payTime'
        when unit_price_minor is null then 'bad_money:orderItemInfo.price'
        when coalesce(quantity, 0) <= 0 then 'bad_number:orderItemInfo.num'
        when total_minor is null then 'bad_money:orderBaseInfo.totalFee'
        when off_minor is null then 'bad_money:orderBaseInfo.discountFee'
        when shipping_minor is null then 'bad_money:orderBaseInfo.expressFee'
        when provider_minor is null then 'bad_money:orderBaseInfo.payChannelDiscount'
        when government_minor is null then 'bad_money:orderBaseInfo.governmentDiscount'
        when status is null then 'unknown_code:orderBaseInfo.status:' || coalesce(code, '')
        when unit_price_minor < 0 then 'negative_amount:orderItemInfo.price'
        when shipping_minor < 0 then 'negative_amount:orderBaseInfo.expressFee'
        when not is_of_buyer and not is_of_merchant then 'inconsistent_amount:orderBaseInfo.totalFee'
    end as reject
from told
