-- Items by API, one row per answer of getOrderItems. An item of an order that is pending has no price yet, one that was
-- called off has no quantity any more.
with cells as (
    select w.raw_id, w.row_no, f.exported_at, f.shop, w.order_id, w.next_token, w.items
    from wire as w join files as f on w.raw_id = f.raw_id
),
opened as (
    select raw_id, row_no, unnest(items) as i from cells
),
texts as (
    -- Joined with nothing, for DuckDB casts all texts of a list at once, those too that a case leaves out.
    select
        raw_id, row_no, i.item_id || '' as item_id, i.quantity || '' as quantity, i.currency || '' as currency, i.price || '' as price,
        coalesce(i.tax, '0') || '' as tax, coalesce(i.freight, '0') || '' as freight, coalesce(i.freight_tax, '0') || '' as freight_tax,
        coalesce(i.promotion, '0') || '' as promotion, coalesce(i.promotion_tax, '0') || '' as promotion_tax,
        coalesce(i.freight_promotion, '0') || '' as freight_promotion,
        coalesce(i.freight_promotion_tax, '0') || '' as freight_promotion_tax
    from opened
),
lines as (
    select
        t.raw_id, t.row_no,
        not is_plain_id(t.item_id) as is_bad_id,
        minor_from_decimal(t.quantity, 0) is null as is_bad_number,
        case when t.currency is not null and z.digits is null then t.currency end as unknown_currency,
        t.price is not null and z.digits is not null and coalesce(minor_from_decimal(t.price, cast(z.digits as bigint)), -1) < 0 as is_bad_price,
        z.digits is not null and (
            minor_from_decimal(t.tax, cast(z.digits as bigint)) is null
            or minor_from_decimal(t.freight, cast(z.digits as bigint)) is null
            or minor_from_decimal(t.freight_tax, cast(z.digits as bigint)) is null
            or minor_from_decimal(t.promotion, cast(z.digits as bigint)) is null
            or minor_from_decimal(t.promotion_tax, cast(z.digits as bigint)) is null
            or minor_from_decimal(t.freight_promotion, cast(z.digits as bigint)) is null
            or minor_from_decimal(t.freight_promotion_tax, cast(z.digits as bigint)) is null
        ) as is_bad_money
    from texts as t left join amazon_currencies as z on t.currency = z.currency
),
parts as (
    select raw_id, row_no, bool_or(is_bad_id) as has_bad_id, bool_or(is_bad_number) as has_bad_number,
           max(unknown_currency) as unknown_currency, bool_or(is_bad_price) as has_bad_price, bool_or(is_bad_money) as has_bad_money
    from lines group by raw_id, row_no
),
-- All items of an order are of one currency: one that is called off has none of its own.
currencies as (
    select raw_id, row_no, max(currency) as currency from texts group by raw_id, row_no
)
select
    c.raw_id, c.row_no, c.order_id as row_key, c.order_id, c.shop, c.exported_at, c.items, k.currency,
    case when not regexp_matches(c.order_id, '\AS[0-9]{2}-') then 'amazon:' || c.order_id end as order_key,
    case
        when not is_plain_id(c.order_id) then 'bad_id:AmazonOrderId'
        when c.next_token is not null then 'list_cut_off:OrderItems'
        when p.has_bad_id then 'bad_id:OrderItemId'
        when p.has_bad_number then 'bad_number:QuantityOrdered'
        when p.unknown_currency is not null then 'unknown_code:CurrencyCode:' || p.unknown_currency
        when p.has_bad_price then 'bad_money:ItemPrice'
        when p.has_bad_money then 'bad_money:OrderItems'
    end as reject
from cells as c
left join parts as p on c.raw_id = p.raw_id and c.row_no = p.row_no
left join currencies as k on c.raw_id = k.raw_id and c.row_no = k.row_no
