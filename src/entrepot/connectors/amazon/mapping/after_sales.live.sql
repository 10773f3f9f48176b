-- What finances post is money that went back; whether goods came back only returns could say. What the platform keeps of the
-- tax never was the seller's and is no part of a refund.
with events as (
    select *, 'refunds' as what from amazon_live_refunds
    union all select *, 'claims' as what from amazon_live_claims
    union all select *, 'chargebacks' as what from amazon_live_chargebacks
),
opened as (
    select order_key, order_id, shop, currency, digits, what, posted_at, exported_at, raw_id, row_no, unnest(items) as i from events
),
items as (
    select
        order_key, order_id, shop, currency, digits, what, posted_at, exported_at, raw_id, row_no,
        coalesce(i.adjustment_id, i.item_id) || '' as adjustment_id, i.item_id as item_id, i.sku as sku_id,
        i.charges as charges, i.promotions as promotions
    from opened
),
charges as (
    select raw_id, row_no, adjustment_id, digits, unnest(charges) as c from items
),
charge_texts as (
    select raw_id, row_no, adjustment_id, digits, c.type || '' as type, c.amount || '' as amount from charges
),
charged as (
    select
        t.raw_id, t.row_no, t.adjustment_id,
        sum_exact(case when k.part = 'goods' then -minor_from_decimal(t.amount, t.digits) else 0 end) as goods_minor,
        sum_exact(case when k.part = 'shipping' then -minor_from_decimal(t.amount, t.digits) else 0 end) as shipping_minor,
        sum_exact(case when k.part = 'tax' then -minor_from_decimal(t.amount, t.digits) else 0 end) as tax_minor
    from charge_texts as t join amazon_charge_types as k on t.type = k.type
    group by t.raw_id, t.row_no, t.adjustment_id
),
promotions as (
    select raw_id, row_no, adjustment_id, digits, unnest(promotions) as p from items
),
promotion_texts as (
    select raw_id, row_no, adjustment_id, digits, p.amount || '' as amount from promotions
),
promoted as (
    select raw_id, row_no, adjustment_id, sum_exact(minor_from_decimal(amount, digits)) as promotion_minor
    from promotion_texts group by raw_id, row_no, adjustment_id
),
cases as (
    select
        i.order_key, i.order_id, i.shop, i.currency, i.what, i.posted_at, i.exported_at, i.raw_id, i.row_no, i.item_id, i.sku_id,
        i.order_id || '-' || i.adjustment_id || case i.what when 'claims' then '-claim' when 'chargebacks' then '-chargeback' else '' end as case_id,
        coalesce(c.goods_minor, 0) - coalesce(p.promotion_minor, 0) as goods_minor,
        coalesce(c.shipping_minor, 0) as shipping_minor, coalesce(c.tax_minor, 0) as tax_minor
    from items as i
    left join charged as c on i.raw_id = c.raw_id and i.row_no = c.row_no and i.adjustment_id = c.adjustment_id
    left join promoted as p on i.raw_id = p.raw_id and i.row_no = p.row_no and i.adjustment_id = p.adjustment_id
)
select
    cast('amazon:' || case_id as varchar) as case_key,
    cast('amazon' as varchar) as channel,
    cast(month_in_utc(posted_at) as varchar) as month,
    cast(shop as varchar) as shop,
    cast(case_id as varchar) as case_id,
    cast(order_key as varchar) as order_key,
    cast(order_id as varchar) as order_id,
    cast(item_id as varchar) as order_line_id,
    cast(sku_id as varchar) as sku_id,
    cast('refund_only' as varchar) as kind,
    cast('succeeded' as varchar) as process,
    cast('returned' as varchar) as money,
    cast(case what when 'claims' then 'GuaranteeClaim' when 'chargebacks' then 'Chargeback' else 'Refund' end as varchar) as platform_status,
    cast(currency as varchar) as currency,
    cast(goods_minor + shipping_minor + tax_minor as bigint) as refund_minor,
    cast(goods_minor as bigint) as refund_goods_minor,
    cast(shipping_minor as bigint) as refund_shipping_minor,
    cast(tax_minor as bigint) as refund_tax_minor,
    cast(posted_at as timestamptz) as applied_at,
    cast(posted_at as timestamptz) as refunded_at,
    cast(posted_at as timestamptz) as closed_at,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(posted_at, null, exported_at, 0, raw_id, row_no) as varchar) as version
from cases
