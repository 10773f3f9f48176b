-- Refunds, claims under the A-to-z guarantee and chargebacks by API: one row per event of listFinancialEvents. Amounts are those
-- of the seller's account: what goes back is negative, a promotion that comes back is positive.
with cells as (
    select w.raw_id, w.row_no, f.exported_at, f.shop, w.order_id, w.items, instant_from_offset(w.posted) as posted_at
    from wire as w join files as f on w.raw_id = f.raw_id
),
opened as (
    select raw_id, row_no, unnest(items) as i from cells
),
ids as (
    select raw_id, row_no, coalesce(i.adjustment_id, i.item_id) || '' as id from opened
),
charges as (
    select raw_id, row_no, unnest(i.charges) as c from opened
),
charge_texts as (
    select raw_id, row_no, c.type || '' as type, c.currency || '' as currency, c.amount || '' as amount from charges
),
promotions as (
    select raw_id, row_no, unnest(i.promotions) as p from opened
),
promotion_texts as (
    select raw_id, row_no, p.amount || '' as amount from promotions
),
checked as (
    select t.raw_id, t.row_no, min(t.currency) as currency, max(t.currency) as other_currency,
           max(case when k.type is null then t.type end) as unknown_type,
           bool_or(minor_from_decimal(t.amount, cast(z.digits as bigint)) is null) as has_bad_charge
    from charge_texts as t
    left join amazon_charge_types as k on t.type = k.type
    left join amazon_currencies as z on t.currency = z.currency
    group by t.raw_id, t.row_no
),
checked_promotions as (
    select t.raw_id, t.row_no, bool_or(minor_from_decimal(t.amount, cast(z.digits as bigint)) is null) as has_bad_promotion
    from promotion_texts as t
    left join checked as d on t.raw_id = d.raw_id and t.row_no = d.row_no
    left join amazon_currencies as z on d.currency = z.currency
    group by t.raw_id, t.row_no
),
checked_ids as (
    select raw_id, row_no, bool_or(not is_plain_id(id)) as has_bad_id from ids group by raw_id, row_no
)
select
    c.raw_id, c.row_no, c.order_id as row_key, c.order_id, c.shop, c.exported_at, c.posted_at, c.items, d.currency,
    cast(z.digits as bigint) as digits,
    case when not regexp_matches(c.order_id, '\AS[0-9]{2}-') then 'amazon:' || c.order_id end as order_key,
    case
        when not is_plain_id(c.order_id) then 'bad_id:AmazonOrderId'
        when c.posted_at is null then 'bad_time:PostedDate'
        when i.has_bad_id then 'bad_id:OrderAdjustmentItemId'
        when d.currency is null or z.digits is null then 'unknown_code:CurrencyCode:' || coalesce(d.currency, '')
        when d.currency <> d.other_currency then 'unknown_code:CurrencyCode:several'
        when d.unknown_type is not null then 'unknown_code:ChargeType:' || d.unknown_type
        when d.has_bad_charge then 'bad_money:ChargeAmount'
        when coalesce(m.has_bad_promotion, false) then 'bad_money:PromotionAmount'
    end as reject
from cells as c
left join checked as d on c.raw_id = d.raw_id and c.row_no = d.row_no
left join checked_promotions as m on c.raw_id = m.raw_id and c.row_no = m.row_no
left join checked_ids as i on c.raw_id = i.raw_id and c.row_no = i.row_no
left join amazon_currencies as z on d.currency = z.currency
