-- Orders by API, one row per answer of the query for one order. What was paid are the transactions that succeeded; a gift
-- card is a tender and no cash. The words of states are those of the files, in capitals. Meaning of the fields:
-- docs/reference/file-semantics.md.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, w.name as order_id, w.currency, cast(z.digits as bigint) as digits,
        w.lines, w.freight, w.payments, w.parcels, w.refunds, w.returns,
        w.is_test = 'true' as is_test, w.taxes_included = 'true' as is_tax_inside,
        w.has_more_lines = 'true' as has_more_lines, w.has_more_freight = 'true' as has_more_freight,
        lower(w.financial) as financial, lower(w.fulfilment) as fulfilment, w.return_status,
        instant_from_offset(w.created_at) as placed_at,
        instant_from_offset(w.updated_at) as modified_at,
        instant_from_offset(w.cancelled_at) as cancelled_at,
        w.cancelled_at is not null and instant_from_offset(w.cancelled_at) is null as has_bad_cancelled,
        minor_from_decimal(coalesce(w.tax, '0'), cast(z.digits as bigint)) as taxes_minor,
        minor_from_decimal(coalesce(w.duties, '0'), cast(z.digits as bigint)) as duties_minor,
        lower(w.email) as email, w.phone,
        w.billing_name, w.billing_phone, w.billing_province, w.billing_country,
        nullif(concat_ws(', ', nullif(concat_ws(' ', w.billing_address1, w.billing_address2), ''), w.billing_company,
                         w.billing_zip, w.billing_city), '') as billing_address,
        w.shipping_name, w.shipping_phone, w.shipping_province, w.shipping_country,
        nullif(concat_ws(', ', nullif(concat_ws(' ', w.shipping_address1, w.shipping_address2), ''), w.shipping_company,
                         w.shipping_zip, w.shipping_city), '') as shipping_address
    from wire as w
    join files as f on w.raw_id = f.raw_id
    left join shopify_currencies as z on w.currency = z.currency
),
opened_lines as (
    select raw_id, row_no, digits, unnest(lines) as l from cells
),
line_texts as (
    -- Joined with nothing, for DuckDB casts all texts of a list at once, those too that a case leaves out.
    select raw_id, row_no, digits, l.price || '' as price, l.quantity || '' as quantity, l.gid || '' as gid,
           coalesce(l.is_gift_card = 'true', false) as is_gift_card
    from opened_lines
),
lines as (
    select raw_id, row_no, is_gift_card, gid, minor_from_decimal(price, digits) as price_minor,
           minor_from_decimal(quantity, 0) as quantity
    from line_texts
),
goods as (
    select raw_id, row_no, sum_exact(product_exact(price_minor, quantity)) as goods_minor, bool_and(is_gift_card) as is_topup,
           bool_or(price_minor is null) as has_bad_price, bool_or(quantity is null) as has_bad_quantity,
           bool_or(not regexp_matches(gid, '/[0-9]+\z')) as has_bad_id
    from lines group by raw_id, row_no
),
opened_discounts as (
    select raw_id, row_no, digits, unnest(l.discounts) as d from opened_lines
),
discount_texts as (
    select raw_id, row_no, digits, d.amount || '' as amount from opened_discounts
),
discounts as (
    select raw_id, row_no, sum_exact(minor_from_decimal(amount, digits)) as merchant_minor,
           bool_or(minor_from_decimal(amount, digits) is null) as has_bad_discount
    from discount_texts group by raw_id, row_no
),
opened_freight as (
    select raw_id, row_no, digits, unnest(freight) as s from cells
),
freight_texts as (
    select raw_id, row_no, digits, s.price || '' as price from opened_freight
),
freights as (
    select raw_id, row_no, sum_exact(minor_from_decimal(price, digits)) as shipping_minor,
           bool_or(minor_from_decimal(price, digits) is null) as has_bad_freight
    from freight_texts group by raw_id, row_no
),
opened_payments as (
    select raw_id, row_no, digits, unnest(payments) as p from cells
),
payment_texts as (
    select raw_id, row_no, digits, p.amount || '' as amount, p.gateway = 'gift_card' as is_gift_card,
           p.kind in ('SALE', 'CAPTURE') and p.status = 'SUCCESS' as is_money, p.processed_at || '' as processed_at
    from opened_payments
),
paid as (
    select
        raw_id, row_no, count(*) as payment_count,
        sum_exact(case when is_money and not coalesce(is_gift_card, false) then minor_from_decimal(amount, digits) else 0 end) as paid_minor,
        sum_exact(case when is_money and is_gift_card then minor_from_decimal(amount, digits) else 0 end) as tender_minor,
        min(case when is_money then instant_from_offset(processed_at) end) as paid_at,
        bool_or(is_money and instant_from_offset(processed_at) is null) as has_bad_paid,
        bool_or(minor_from_decimal(amount, digits) is null) as has_bad_payment
    from payment_texts group by raw_id, row_no
),
opened_parcels as (
    select raw_id, row_no, unnest(parcels) as b from cells
),
parcel_texts as (
    select raw_id, row_no, b.created_at || '' as created_at, b.delivered_at || '' as delivered_at,
           coalesce(b.status, 'SUCCESS') in ('CANCELLED', 'ERROR', 'FAILURE') as is_void
    from opened_parcels
),
shipped as (
    select raw_id, row_no, count(*) as parcel_count, min(instant_from_offset(created_at)) as shipped_at,
           bool_and(instant_from_offset(delivered_at) is not null) as is_delivered,
           bool_or(instant_from_offset(created_at) is null) as has_bad_shipped
    from parcel_texts where not is_void group by raw_id, row_no
),
opened_refunds as (
    select raw_id, row_no, digits, unnest(refunds) as r from cells
),
refund_texts as (
    select raw_id, row_no, digits, r.amount || '' as amount, r.created_at || '' as created_at,
           coalesce(r.has_more = 'true', false) as has_more
    from opened_refunds
),
refunded as (
    select raw_id, row_no, count(*) as refund_count, sum_exact(minor_from_decimal(amount, digits)) as refund_minor,
           bool_or(coalesce(minor_from_decimal(amount, digits), -1) < 0) as has_bad_refund,
           bool_or(instant_from_offset(created_at) is null) as has_bad_refunded, bool_or(has_more) as has_more_restocks
    from refund_texts group by raw_id, row_no
),
opened_restocks as (
    select raw_id, row_no, unnest(r.restocked) as k from opened_refunds
),
restock_texts as (
    select raw_id, row_no, k.type || '' as type from opened_restocks
),
restocked as (
    select x.raw_id, x.row_no, max(case when k.status is null then x.type end) as unknown_restock
    from restock_texts as x left join shopify_restock_kinds as k on x.type = k.status
    group by x.raw_id, x.row_no
),
opened_returns as (
    select raw_id, row_no, unnest(returns) as t from cells
),
return_texts as (
    select raw_id, row_no, t.status || '' as status, t.created_at || '' as created_at from opened_returns
),
returned as (
    select x.raw_id, x.row_no, count(*) as return_count, max(case when k.status is null then x.status end) as unknown_return,
           bool_or(instant_from_offset(x.created_at) is null) as has_bad_return
    from return_texts as x left join shopify_returns as k on x.status = k.status
    group by x.raw_id, x.row_no
),
joined as (
    select
        c.*, g.goods_minor, g.is_topup, g.has_bad_price, g.has_bad_quantity, g.has_bad_id,
        coalesce(d.merchant_minor, 0) as merchant_minor, coalesce(d.has_bad_discount, false) as has_bad_discount,
        coalesce(s.shipping_minor, 0) as shipping_minor, coalesce(s.has_bad_freight, false) as has_bad_freight,
        coalesce(p.paid_minor, 0) as paid_minor, coalesce(p.tender_minor, 0) as tender_minor,
        coalesce(p.payment_count, 0) as payment_count, coalesce(p.has_bad_paid, false) as has_bad_paid,
        coalesce(p.has_bad_payment, false) as has_bad_payment,
        -- An order that costs nothing has no transaction.
        case when p.paid_at is null and c.financial = 'paid' and coalesce(p.payment_count, 0) = 0 then c.placed_at else p.paid_at end as paid_at,
        b.shipped_at, coalesce(b.is_delivered, false) as is_delivered, coalesce(b.has_bad_shipped, false) as has_bad_shipped,
        coalesce(b.parcel_count, 0) as parcel_count,
        coalesce(r.refund_minor, 0) as refund_minor, coalesce(r.refund_count, 0) as refund_count,
        coalesce(r.has_bad_refund, false) as has_bad_refund, coalesce(r.has_bad_refunded, false) as has_bad_refunded,
        coalesce(r.has_more_restocks, false) as has_more_restocks,
        coalesce(t.return_count, 0) as return_count, t.unknown_return, coalesce(t.has_bad_return, false) as has_bad_return,
        a.unknown_restock, k.status as known_financial, k.payment_state as status_payment, k.commercial_state as status_commercial,
        u.status as known_fulfilment, u.fulfilment_state as status_fulfilment, v.status as known_return,
        cast(coalesce(k.state_rank, '0') as bigint) as state_rank,
        coalesce(u.fulfilment_state in ('part_shipped', 'shipped'), false) or b.shipped_at is not null as is_shipped
    from cells as c
    left join goods as g on c.raw_id = g.raw_id and c.row_no = g.row_no
    left join discounts as d on c.raw_id = d.raw_id and c.row_no = d.row_no
    left join freights as s on c.raw_id = s.raw_id and c.row_no = s.row_no
    left join paid as p on c.raw_id = p.raw_id and c.row_no = p.row_no
    left join shipped as b on c.raw_id = b.raw_id and c.row_no = b.row_no
    left join refunded as r on c.raw_id = r.raw_id and c.row_no = r.row_no
    left join restocked as a on c.raw_id = a.raw_id and c.row_no = a.row_no
    left join returned as t on c.raw_id = t.raw_id and c.row_no = t.row_no
    left join shopify_financial as k on c.financial = k.status
    left join shopify_fulfilment as u on c.fulfilment = u.status
    left join shopify_return_status as v on c.return_status = v.status
)
select
    raw_id, row_no, order_id as row_key, 'shopify:' || shop || ':' || order_id as order_key, shop, order_id, currency, digits,
    lines, parcels, refunds, returns, placed_at, modified_at, exported_at, paid_at, shipped_at, cancelled_at as closed_at, state_rank,
    financial || '/' || fulfilment as status, is_tax_inside,
    case when is_test then 'sample' when is_topup then 'stored_value_topup' else 'sale' end as order_kind,
    goods_minor, shipping_minor, merchant_minor, taxes_minor, duties_minor, paid_minor, tender_minor, refund_minor,
    case when paid_at is null and cancelled_at is not null then 'voided'
         when paid_at is not null and not is_shipped and (cancelled_at is not null or financial in ('refunded', 'voided', 'expired')) then 'voided'
         else status_payment end as payment_state,
    case when paid_at is null and (cancelled_at is not null or status_commercial = 'cancelled_unpaid') then 'cancelled_unpaid'
         when paid_at is not null and not is_shipped and (cancelled_at is not null or financial in ('refunded', 'voided', 'expired')) then 'closed_refunded'
         else 'open' end as commercial_state,
    case when status_fulfilment = 'shipped' and is_delivered then 'delivered' else status_fulfilment end as fulfilment_state,
    coalesce(email, phone, 'shop ' || shop || ' order ' || order_id) as buyer,
    email, phone, billing_name, billing_phone, billing_address, billing_country, billing_province,
    shipping_name, shipping_phone, shipping_address, shipping_country, shipping_province,
    case
        when length(order_id) > 64 or is_ruined_id(order_id) then 'bad_id:name'
        when placed_at is null then 'bad_time:createdAt'
        when modified_at is null then 'bad_time:updatedAt'
        when has_bad_cancelled then 'bad_time:cancelledAt'
        when digits is null then 'unknown_code:currencyCode:' || currency
        when has_more_lines then 'list_cut_off:lineItems'
        when has_more_freight then 'list_cut_off:shippingLines'
        when payment_count >= 25 then 'list_cut_off:transactions'
        when parcel_count >= 10 then 'list_cut_off:fulfillments'
        when refund_count >= 10 then 'list_cut_off:refunds'
        when has_more_restocks then 'list_cut_off:refundLineItems'
        when return_count >= 10 then 'list_cut_off:returns'
        when has_bad_id then 'bad_id:lineItems.id'
        when has_bad_quantity is null or has_bad_quantity then 'bad_number:quantity'
        when has_bad_price then 'bad_money:originalUnitPriceSet'
        when has_bad_discount then 'bad_money:discountAllocations'
        when has_bad_freight then 'bad_money:shippingLines'
        when taxes_minor is null then 'bad_money:totalTaxSet'
        when duties_minor is null then 'bad_money:originalTotalDutiesSet'
        when has_bad_payment then 'bad_money:transactions'
        when has_bad_paid then 'bad_time:processedAt'
        when has_bad_shipped then 'bad_time:fulfillments.createdAt'
        when has_bad_refund then 'bad_money:totalRefundedSet'
        when has_bad_refunded then 'bad_time:refunds.createdAt'
        when has_bad_return then 'bad_time:returns.createdAt'
        when known_financial is null then 'unknown_code:displayFinancialStatus:' || financial
        when known_fulfilment is null then 'unknown_code:displayFulfillmentStatus:' || fulfilment
        when return_status is not null and known_return is null then 'unknown_code:returnStatus:' || return_status
        when unknown_restock is not null then 'unknown_code:restockType:' || unknown_restock
        when unknown_return is not null then 'unknown_code:returns.status:' || unknown_return
        when merchant_minor > goods_minor then 'amounts_disagree:discountAllocations'
    end as reject
from joined
