-- Amazon settlement, flat file version 2. The first row holds the totals of the settlement, and alone its currency; each
-- other row is one amount. European files write a decimal comma and days as dd.mm.yyyy. What an amount is follows from
-- its type and description (codes.csv) and, for prices, from the transaction (transaction_types.csv).
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, w."settlement-id" as settlement_id,
        w."transaction-type" is null and w."total-amount" is not null as is_total, w."currency" as currency_text,
        w."transaction-type" as transaction_type, w."order-id" as order_id, w."order-item-code" as item_code, w."sku" as sku_id,
        w."marketplace-name" as marketplace, w."amount-type" as amount_type, coalesce(w."amount-description", '') as description,
        case when regexp_matches(w."quantity-purchased", '\A[0-9]{1,9}\z') then cast(w."quantity-purchased" as bigint) end as quantity,
        w."total-amount" as total_text, w."amount" as amount_text,
        w."settlement-start-date" as start_text, w."settlement-end-date" as end_text,
        w."deposit-date" as deposit_text,
        coalesce(w."posted-date-time", w."posted-date") as posted_text,
        digest(concat_ws('|', w."settlement-id", coalesce(w."transaction-type", ''), coalesce(w."order-id", ''),
                         coalesce(w."adjustment-id", ''), coalesce(w."shipment-id", ''), coalesce(w."amount-type", ''),
                         coalesce(w."amount-description", ''), coalesce(w."amount", ''), coalesce(w."posted-date", ''),
                         coalesce(w."posted-date-time", ''), coalesce(w."order-item-code", ''),
                         coalesce(w."merchant-adjustment-item-id", ''), coalesce(w."sku", ''),
                         coalesce(w."quantity-purchased", ''), coalesce(w."promotion-id", ''), coalesce(w."total-amount", ''))) as content
    from wire as w join files as f on w.raw_id = f.raw_id
),
ordered as (
    select *,
        max(currency_text) over (partition by raw_id, settlement_id) as currency,
        row_number() over (partition by raw_id, content order by row_no) as twin
    from cells
),
scaled as (
    select o.*, cast(z.digits as bigint) as digits from ordered as o left join amazon_currencies as z on o.currency = z.currency
),
typed as (
    select *,
        instant_or_utc(year_first(start_text)) as start_at, instant_or_utc(year_first(end_text)) as end_at,
        instant_or_utc(year_first(deposit_text)) as deposit_at, instant_or_utc(year_first(posted_text)) as booked_at,
        minor_from_decimal(point_from_comma(total_text, digits), digits) as total_minor,
        minor_from_decimal(point_from_comma(amount_text, digits), digits) as amount_minor
    from scaled
),
types as (select distinct lower(amount_type) as amount_type from amazon_codes),
coded as (
    -- The description named by the list wins over a type that is listed for any description.
    select t.*, r.role, y.amount_type is not null as knows_type,
        coalesce(c.amount_type, a.amount_type) is not null as knows_code,
        case when r.role = 'refund' then coalesce(c.refund_kind, a.refund_kind, c.kind, a.kind) else coalesce(c.kind, a.kind) end as kind,
        coalesce(c.fee_code, a.fee_code) as fee_code,
        case when r.role = 'order' then c.part end as part,
        case when c.part = 'discount' then 'goods' else c.part end as order_part
    from typed as t
    left join amazon_transaction_types as r on lower(t.transaction_type) = lower(r.transaction_type)
    left join types as y on lower(t.amount_type) = y.amount_type
    left join amazon_codes as c
        on lower(t.amount_type) = lower(c.amount_type) and lower(t.description) = lower(c.amount_description)
    left join amazon_codes as a on lower(t.amount_type) = lower(a.amount_type) and a.amount_description is null
)
select
    raw_id, row_no, content || '-' || cast(twin as varchar) as row_key, settlement_id, shop, exported_at, is_total,
    settlement_id || ':' || substr(content, 1, 16) || '-' || cast(twin as varchar) as line_id,
    currency, total_minor, start_at, end_at, deposit_at, booked_at, min(start_at) over (partition by raw_id, settlement_id) as opened_at,
    role, order_id, coalesce(item_code, sku_id, '') as item, sku_id, quantity, kind, fee_code, part, order_part, amount_minor,
    amount_type || '/' || description as platform_item, marketplace,
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
        when not knows_type then 'unknown_code:amount-type:' || coalesce(amount_type, '')
        when not knows_code then 'unknown_code:amount-description:' || description
        when booked_at is null then 'bad_time:posted-date-time'
        when amount_minor is null then 'bad_money:amount'
        when part is not null and order_id is null then 'bad_id:order-id'
        when part = 'goods' and quantity is null then 'bad_number:quantity-purchased'
    end as reject
from coded
