-- Orders by API, one row per answer of order.getOrderDetail. Money is fen. The listed price has the tax in it or not, as the
-- article was put up for sale, and what is paid may be before or after the payment channel's discount: that reading holds
-- which adds up. Code lists are those of the files, reached by number. Meaning: docs/reference/file-semantics.md.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, w.skus, w.orderId as order_id, w.orderStatus as code, w.orderType as type_code,
        w.orderAfterSalesStatus as after_sale_code, coalesce(w.cancelStatus, '0') as cancel_code,
        coalesce(w.logisticsMode, '1') as logistics_mode,
        w.userId as user_id, w.openAddressId as open_address_id, w.province, w.expressCompanyCode as carrier, w.expressTrackingNo as tracking_no,
        case when regexp_matches(w.createdTime, '\A[1-9][0-9]{12}\z') then to_timestamp(cast(left(w.createdTime, 10) as bigint)) end as placed_at,
        case when regexp_matches(w.updateTime, '\A[1-9][0-9]{12}\z') then to_timestamp(cast(left(w.updateTime, 10) as bigint)) end as modified_at,
        case when regexp_matches(w.paidTime, '\A[1-9][0-9]{12}\z') then to_timestamp(cast(left(w.paidTime, 10) as bigint)) end as first_paid_at,
        case when regexp_matches(w.deliveryTime, '\A[1-9][0-9]{12}\z') then to_timestamp(cast(left(w.deliveryTime, 10) as bigint)) end as shipped_at,
        case when regexp_matches(w.finishTime, '\A[1-9][0-9]{12}\z') then to_timestamp(cast(left(w.finishTime, 10) as bigint)) end as finished_at,
        case when regexp_matches(w.cancelTime, '\A[1-9][0-9]{12}\z') then to_timestamp(cast(left(w.cancelTime, 10) as bigint)) end as cancelled_at,
        coalesce(w.paidTime, '0') as paid_text,
        minor_from_decimal(w.totalPayAmount, 0) as stated_minor,
        minor_from_decimal(coalesce(w.totalShippingFree, '0'), 0) as shipping_minor,
        minor_from_decimal(coalesce(w.totalDepositAmount, '0'), 0) as deposit_minor,
        minor_from_decimal(coalesce(w.totalMerchantDiscount, '0'), 0) as merchant_minor,
        minor_from_decimal(coalesce(w.totalRedDiscount, '0'), 0) as platform_minor,
        abs(minor_from_decimal(coalesce(w.totalChangePriceAmount, '0'), 0)) as change_minor,
        minor_from_decimal(coalesce(w.outPromotionAmount, '0'), 0) as provider_minor,
        minor_from_decimal(coalesce(w.totalTaxAmount, '0'), 0) as stated_tax_minor
    from wire as w join files as f on w.raw_id = f.raw_id
),
opened as (
    select raw_id, row_no, unnest(skus) as s from cells
),
skus as (
    select raw_id, row_no, s.skuId || '' as sku, s.skuQuantity || '' as counted, s.pieces as pieces from opened
),
opened_pieces as (
    select raw_id, row_no, unnest(pieces) as p from skus
),
-- Joined with nothing, for DuckDB casts all texts of a list at once, those too that a case leaves out.
texts as (
    select raw_id, row_no, p.quantity || '' as counted, p.rawPricePerSku || '' as price from opened_pieces
),
pieces as (
    select raw_id, row_no, minor_from_decimal(counted, 0) as quantity, minor_from_decimal(price, 0) as price_minor from texts
),
goods as (
    select
        raw_id, row_no, sum_exact(product_exact(price_minor, quantity)) as goods_minor,
        bool_or(price_minor is null or quantity is null) as has_bad_piece
    from pieces group by raw_id, row_no
),
lines as (
    select
        raw_id, row_no, bool_or(not is_plain_id(sku)) as has_bad_id,
        bool_or(coalesce(minor_from_decimal(counted, 0), 0) <= 0) as has_bad_number
    from skus group by raw_id, row_no
),
joined as (
    select
        c.*, g.goods_minor, g.has_bad_piece, l.has_bad_id, l.has_bad_number,
        g.goods_minor + c.shipping_minor - c.merchant_minor - c.change_minor - c.platform_minor as due_minor,
        s.status as known_status, s.payment_state as status_payment, s.commercial_state as status_commercial,
        s.fulfilment_state as status_fulfilment, cast(coalesce(s.state_rank, '0') as bigint) as state_rank,
        a.after_sale as after_sale,
        -- Of a presale with deposit, what was paid so far is the deposit (assumed).
        c.type_code = '2' and c.code = '1' and c.first_paid_at is not null as has_deposit_only
    from cells as c
    left join goods as g on c.raw_id = g.raw_id and c.row_no = g.row_no
    left join lines as l on c.raw_id = l.raw_id and c.row_no = l.row_no
    left join xiaohongshu_status_codes as k on c.code = k.code
    left join xiaohongshu_status as s on k.status = s.status
    left join xiaohongshu_after_sale_codes as a on c.after_sale_code = a.code
),
told as (
    select *,
        case when has_deposit_only then null else first_paid_at end as paid_at,
        case when stated_minor in (due_minor + stated_tax_minor, due_minor + stated_tax_minor - provider_minor)
                  and stated_minor not in (due_minor, due_minor - provider_minor) then stated_tax_minor else 0 end as tax_minor
    from joined
),
paid as (
    select *,
        case when paid_at is null then 0
             when stated_minor = due_minor + tax_minor then stated_minor - provider_minor
             else stated_minor end as paid_minor
    from told
)
select
    raw_id, row_no, order_id as row_key, order_id, shop, skus, known_status as status, after_sale, user_id, open_address_id, province,
    carrier, tracking_no, placed_at, modified_at, exported_at, paid_at, shipped_at, state_rank,
    case when status_commercial = 'completed_by_buyer' then finished_at end as confirmed_at,
    case when status_commercial = 'closed_refunded' then coalesce(cancelled_at, finished_at) end as closed_at,
    case when has_deposit_only then first_paid_at end as deposit_paid_at,
    case when type_code = '2' then deposit_minor end as deposit_minor,
    case when type_code = '5' then 'exchange_replacement' when type_code in ('2', '3', '4') then 'presale' else 'sale' end as order_kind,
    goods_minor, shipping_minor, tax_minor, stated_tax_minor, merchant_minor, change_minor, platform_minor, provider_minor, paid_minor,
    case when status_commercial = 'closed_refunded' and paid_at is not null then paid_minor else 0 end as refund_minor,
    case when has_deposit_only then 'deposit_paid' else status_payment end as payment_state,
    case
        when status_commercial = 'closed_refunded' and first_paid_at is null then 'cancelled_unpaid'
        when status_commercial = 'open' and cancel_code = '1' then 'cancel_requested'
        else status_commercial
    end as commercial_state,
    case when status_commercial = 'closed_refunded' and shipped_at is not null then 'shipped' else status_fulfilment end as fulfilment_state,
    case
        when code = '3' then 'declared'
        when logistics_mode in ('2', '3', '4') and code in ('4', '5', '6', '7', '10') then 'released'
        else 'none'
    end as customs_state,
    case
        when not is_plain_id(order_id) then 'bad_id:orderId'
        when placed_at is null then 'bad_time:createdTime'
        when modified_at is null then 'bad_time:updateTime'
        when paid_text <> '0' and first_paid_at is null then 'bad_time:paidTime'
        when stated_minor is null then 'bad_money:totalPayAmount'
        when shipping_minor is null then 'bad_money:totalShippingFree'
        when deposit_minor is null then 'bad_money:totalDepositAmount'
        when merchant_minor is null then 'bad_money:totalMerchantDiscount'
        when platform_minor is null then 'bad_money:totalRedDiscount'
        when change_minor is null then 'bad_money:totalChangePriceAmount'
        when provider_minor is null then 'bad_money:outPromotionAmount'
        when stated_tax_minor is null then 'bad_money:totalTaxAmount'
        when has_bad_id is null or has_bad_id then 'bad_id:skuList.skuId'
        when has_bad_number then 'bad_number:skuList.skuQuantity'
        when has_bad_piece is null or has_bad_piece then 'bad_money:skuList.skuDetailList.rawPricePerSku'
        when known_status is null then 'unknown_code:orderStatus:' || coalesce(code, '')
        when type_code is not null and type_code not in ('1', '2', '3', '4', '5') then 'unknown_code:orderType:' || type_code
        when after_sale_code is not null and after_sale is null then 'unknown_code:orderAfterSalesStatus:' || after_sale_code
        when logistics_mode not in ('1', '2', '3', '4') then 'unknown_code:logisticsMode:' || logistics_mode
    end as reject
from paid
