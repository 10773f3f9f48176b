-- Amazon settlement, flat file version 1. The first row holds the totals of the settlement, and alone its currency; each
-- other row has one amount, in the column of its sort, or the number of units of an item and no amount. The columns are
-- turned into the types of version 2, so that the same lists (codes.csv, transaction_types.csv) say what an amount is. What
-- is no sale and no fee of an item stands in other-amount, and its transaction is its name.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, w."settlement-id" as settlement_id,
        w."transaction-type" is null and w."total-amount" is not null as is_total, w."currency" as currency_text,
        w."transaction-type" as transaction_type, w."order-id" as order_id, w."order-item-code" as item_code, w."sku" as sku_id,
        w."marketplace-name" as marketplace, w."quantity-purchased" as quantity_text,
        case when regexp_matches(w."quantity-purchased", '\A[0-9]{1,9}\z') then cast(w."quantity-purchased" as bigint) end as quantity,
        case when w."price-amount" is not null then 'price'
             when w."promotion-amount" is not null then 'promotion'
             when w."item-related-fee-amount" is not null then 'item-related-fee'
             when w."shipment-fee-amount" is not null then 'shipment-fee'
             when w."order-fee-amount" is not null then 'order-fee'
             when w."other-amount" is not null then 'other'
             when w."other-fee-amount" is not null then 'other-fee'
             when w."direct-payment-amount" is not null then 'direct-payment'
             when w."misc-fee-amount" is not null then 'misc-fee' end as sort,
        coalesce(w."price-amount", w."promotion-amount", w."item-related-fee-amount", w."shipment-fee-amount",
                 w."order-fee-amount", w."other-amount", w."other-fee-amount", w."direct-payment-amount",
                 w."misc-fee-amount") as amount_text,
        case when w."price-amount" is null then 0 else 1 end + case when w."promotion-amount" is null then 0 else 1 end
            + case when w."item-related-fee-amount" is null then 0 else 1 end
            + case when w."shipment-fee-amount" is null then 0 else 1 end + case when w."order-fee-amount" is null then 0 else 1 end
            + case when w."other-amount" is null then 0 else 1 end + case when w."other-fee-amount" is null then 0 else 1 end
            + case when w."direct-payment-amount" is null then 0 else 1 end
            + case when w."misc-fee-amount" is null then 0 else 1 end as amounts,
        w."price-type" as price_type, w."promotion-type" as promotion_type, w."item-related-fee-type" as item_fee_type,
        w."shipment-fee-type" as shipment_fee_type, w."order-fee-type" as order_fee_type,
        w."other-fee-reason-description" as other_fee_type, w."direct-payment-type" as direct_payment_type,
        w."total-amount" as total_text,
        w."settlement-start-date" as start_text, w."settlement-end-date" as end_text,
        w."deposit-date" as deposit_text, w."posted-date" as posted_text,
        digest(concat_ws('|', w."settlement-id", coalesce(w."transaction-type", ''), coalesce(w."order-id", ''),
                         coalesce(w."adjustment-id", ''), coalesce(w."shipment-id", ''), coalesce(w."posted-date", ''),
                         coalesce(w."order-item-code", ''), coalesce(w."merchant-adjustment-item-id", ''),
                         coalesce(w."sku", ''), coalesce(w."quantity-purchased", ''), coalesce(w."promotion-id", ''),
                         coalesce(w."price-type", ''), coalesce(w."price-amount", ''), coalesce(w."promotion-type", ''),
                         coalesce(w."promotion-amount", ''), coalesce(w."item-related-fee-type", ''),
                         coalesce(w."item-related-fee-amount", ''), coalesce(w."shipment-fee-type", ''),
                         coalesce(w."shipment-fee-amount", ''), coalesce(w."order-fee-type", ''),
                         coalesce(w."order-fee-amount", ''), coalesce(w."other-amount", ''),
                         coalesce(w."other-fee-reason-description", ''), coalesce(w."other-fee-amount", ''),
                         coalesce(w."direct-payment-type", ''), coalesce(w."direct-payment-amount", ''),
                         coalesce(w."misc-fee-amount", ''), coalesce(w."total-amount", ''))) as content
    from wire as w join files as f on w.raw_id = f.raw_id
),
sorted as (
    -- Taxes that the marketplace keeps stand among the fees of the item.
    select *,
        case when sort in ('other', 'other-fee') then 'other-transaction'
             when sort = 'price' then 'ItemPrice'
             when sort = 'promotion' then 'Promotion'
             when starts_with(item_fee_type, 'MarketplaceFacilitator') or starts_with(item_fee_type, 'LowValueGoods')
                 then 'ItemWithheldTax'
             when starts_with(item_fee_type, 'TCS-') then 'ItemTCS'
             when starts_with(item_fee_type, 'TDS') then 'ItemTDS'
             when sort in ('item-related-fee', 'shipment-fee', 'order-fee') then 'ItemFees'
             when sort is not null then sort end as amount_type,
        coalesce(case sort when 'price' then price_type when 'promotion' then promotion_type when 'item-related-fee' then item_fee_type
                           when 'shipment-fee' then shipment_fee_type when 'order-fee' then order_fee_type
                           when 'other' then transaction_type when 'other-fee' then other_fee_type
                           when 'direct-payment' then direct_payment_type end, '') as description
    from cells
),
ordered as (
    select *,
        max(currency_text) over (partition by raw_id, settlement_id) as currency,
        row_number() over (partition by raw_id, content order by row_no) as twin
    from sorted
),
scaled as (
    select o.*, cast(z.digits as bigint) as digits from ordered as o left join amazon_currencies as z on o.currency = z.currency
),
typed as (
    select *,
        instant_or_utc(year_first(start_text)) as start_at, instant_or_utc(year_first(end_text)) as end_at,
        instant_or_utc(year_first(deposit_text)) as deposit_at, instant_or_utc(year_first(posted_text)) as booked_at,
        minor_from_decimal(point_from_comma(total_text, digits), digits) as total_minor,
        minor_from_decimal(point_from_comma(amount_text, digits), digits) as amount_minor,
        sort is null and quantity_text is not null as is_count,
        max(case when sort is null and quantity_text is not null then 1 else 0 end)
            over (partition by raw_id, order_id, transaction_type, coalesce(item_code, sku_id)) as counts
    from scaled
),
coded as (
    -- Reimbursements and the fees of deals carry the names that version 2 gives as description or as type.
    select t.*,
        coalesce(r.role, case when t.sort in ('other', 'other-fee') then 'other' end) as role,
        coalesce(c.amount_type, b.amount_type, a.amount_type) as known_type,
        case when t.is_count then null when r.role = 'refund' then coalesce(c.refund_kind, c.kind, b.kind, a.kind)
             else coalesce(c.kind, b.kind, a.kind) end as kind,
        coalesce(c.fee_code, b.fee_code, a.fee_code) as fee_code,
        case when r.role = 'order' then case when t.is_count then 'goods' else c.part end end as part,
        case when c.part = 'discount' then 'goods' else c.part end as order_part
    from typed as t
    left join amazon_transaction_types as r on lower(t.transaction_type) = lower(r.transaction_type)
    left join amazon_codes as c
        on lower(t.amount_type) = lower(c.amount_type) and lower(t.description) = lower(c.amount_description)
    left join amazon_codes as b
        on t.sort = 'other' and b.amount_type = 'FBA Inventory Reimbursement'
        and lower(t.description) = lower(b.amount_description)
    left join amazon_codes as a
        on t.sort = 'other' and a.amount_description is null and lower(t.description) = lower(a.amount_type)
)
select
    raw_id, row_no, content || '-' || cast(twin as varchar) as row_key, settlement_id, shop, exported_at, is_total,
    settlement_id || ':' || substr(content, 1, 16) || '-' || cast(twin as varchar) as line_id,
    currency, total_minor, start_at, end_at, deposit_at, booked_at, min(start_at) over (partition by raw_id, settlement_id) as opened_at,
    role, order_id, coalesce(item_code, sku_id, '') as item, sku_id,
    case when is_count or counts = 0 then quantity else cast(0 as bigint) end as quantity, kind, fee_code, part, order_part,
    case when is_count then cast(0 as bigint) else amount_minor end as amount_minor,
    coalesce(known_type, amount_type) || '/' || description as platform_item, marketplace,
    -- Orders of other sales channels that Amazon only ships (S01-…) are no orders of this one.
    case when not regexp_matches(order_id, '\AS[0-9]{2}-') then 'amazon:' || order_id end as order_key,
    case
        when not is_plain_id(settlement_id) then 'bad_id:settlement-id'
        when order_id is not null and not is_plain_id(order_id) then 'bad_id:order-id'
        when currency is null then 'first_row_missing:currency'
        when digits is null then 'unknown_code:currency:' || currency
        when is_total then case
            when start_at is null then 'bad_time:settlement-start-date'
            when end_text is not null and end_at is null then 'bad_time:settlement-end-date'
            when deposit_text is not null and deposit_at is null then 'bad_time:deposit-date'
            when total_minor is null then 'bad_money:total-amount' end
        when role is null then 'unknown_code:transaction-type:' || coalesce(transaction_type, '')
        when role = 'other' and (is_count or sort in ('price', 'promotion')) then 'unknown_code:transaction-type:' || transaction_type
        when booked_at is null then 'bad_time:posted-date'
        when is_count then case
            when quantity is null then 'bad_number:quantity-purchased'
            when part is not null and order_id is null then 'bad_id:order-id' end
        when sort is null then 'missing_value:price-amount'
        when amounts > 1 then 'inconsistent_amount:' || sort || '-amount'
        when known_type is null and sort = 'misc-fee' then 'unknown_code:misc-fee-amount'
        when known_type is null and sort = 'other' then 'unknown_code:transaction-type:' || description
        when known_type is null and sort = 'other-fee' then 'unknown_code:other-fee-reason-description:' || description
        when known_type is null then 'unknown_code:' || sort || '-type:' || description
        when amount_minor is null then 'bad_money:' || sort || '-amount'
        when part is not null and order_id is null then 'bad_id:order-id'
        -- The units of an item stand on a row of their own, or with its price as in version 2: on both they would count twice.
        when part = 'goods' and counts = 1 and quantity_text is not null then 'inconsistent_amount:quantity-purchased'
        when part = 'goods' and counts = 0 and quantity is null then 'bad_number:quantity-purchased'
    end as reject
from coded
