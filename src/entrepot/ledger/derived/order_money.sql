-- What each order is worth: amounts the order source states, else the sum of its lines; parts by funder and tender.
with split as (
    -- An order that a platform split after it was paid is no sale of its own: its parts are, whenever they come.
    select distinct channel, parent_order_id as order_id from orders
    where order_kind = 'split_part' and parent_order_id is not null
),
line_sums as (
    select order_key, sum_exact(goods_minor) as goods_minor, sum_exact(shipping_minor) as shipping_minor,
           sum_exact(tax_minor) as tax_minor, sum_exact(paid_minor) as paid_minor
    from order_lines group by order_key
),
lapsed_sums as (
    -- What others would have paid for lines that were cancelled before their goods left: nobody pays it.
    select d.order_key, sum_exact(d.amount_minor) as lapsed_minor
    from discounts as d join order_lines as l on d.order_key = l.order_key and d.line_id = l.line_id
    where d.funder <> 'merchant' and l.is_cancelled
    group by d.order_key
),
discount_sums as (
    select order_key,
        sum_exact(case when funder = 'merchant' then amount_minor else 0 end) as merchant_minor,
        sum_exact(case when funder = 'platform' then amount_minor else 0 end) as platform_minor,
        sum_exact(case when funder not in ('merchant', 'platform') then amount_minor else 0 end) as other_minor
    from discounts group by order_key
),
tender_sums as (
    select order_key, sum_exact(amount_minor) as tender_minor from tenders where kind <> 'cash' group by order_key
),
statement_sums as (
    select order_key, sum_exact(amount_minor) as before_minor from refund_statements group by order_key
),
tax_sums as (
    select order_key,
        sum_exact(case when kind = 'customs_composite' and collected_by <> 'merchant' then amount_minor else 0 end) as kept_minor,
        sum_exact(case when kind = 'vat_included' then amount_minor else 0 end) as included_minor,
        max(case when kind <> 'vat_included' then kind end) as added_kind,
        max(case when kind = 'tax_added' then remitted_by end) as added_remitted_by
    from taxes group by order_key
)
select
    o.order_key, o.channel, coalesce(o.shop, o.channel) as shop, o.order_id,
    case when p.order_id is not null then 'split_parent' when o.order_kind = 'split_part' then 'sale' else o.order_kind end
        as order_kind,
    o.currency,
    o.payment_state, o.commercial_state, o.fulfilment_state, o.seen_at,
    o.placed_at, o.paid_at, o.deposit_paid_at, o.shipped_at, o.confirmed_at, o.closed_at,
    coalesce(o.goods_minor, l.goods_minor, 0) as goods_minor,
    coalesce(o.shipping_minor, l.shipping_minor, 0) as shipping_minor,
    coalesce(o.tax_minor, l.tax_minor, 0) as tax_minor,
    coalesce(d.merchant_minor, 0) as discount_merchant_minor,
    coalesce(d.platform_minor, 0) as discount_platform_minor,
    coalesce(d.other_minor, 0) as discount_other_minor,
    coalesce(t.tender_minor, 0) as tender_minor,
    coalesce(o.paid_minor, l.paid_minor, 0) as paid_minor,
    p.order_id is null and (o.paid_at is not null or coalesce(o.paid_minor, l.paid_minor, 0) > 0) as is_paid,
    coalesce(o.deposit_minor, 0) as deposit_minor,
    coalesce(o.refund_stated_minor, 0) as refund_stated_minor,
    coalesce(r.before_minor, 0) as refund_before_minor,
    coalesce(a.lapsed_minor, 0) as lapsed_minor,
    coalesce(x.kept_minor, 0) as tax_kept_minor,
    coalesce(x.included_minor, 0) as vat_included_minor,
    coalesce(x.added_kind, 'tax_added') as tax_kind,
    coalesce(x.added_remitted_by, 'merchant') as tax_remitted_by
from orders as o
left join split as p on o.channel = p.channel and o.order_id = p.order_id
left join line_sums as l on o.order_key = l.order_key
left join discount_sums as d on o.order_key = d.order_key
left join tender_sums as t on o.order_key = t.order_key
left join tax_sums as x on o.order_key = x.order_key
left join statement_sums as r on o.order_key = r.order_key
left join lapsed_sums as a on o.order_key = a.order_key
