-- What each invoice is for. A sale is known by the order number in the remark, a red invoice by the one that it takes back;
-- one that names no order is only proposed, where one order alone has its amount near its day.
with numbered as (
    select order_id, min(order_key) as order_key from order_positions group by order_id having count(*) = 1
),
direct as (
    select b.*, n.order_key from invoice_book as b left join numbered as n on b.order_id = n.order_id where b.side = 'issued'
),
sold as (
    select d.invoice_key, d.gross_minor, d.issued_on, coalesce(d.order_key, o.order_key) as order_key,
        case when d.order_key is not null then 'order_number' when o.order_key is not null then 'corrects' end as rule
    from direct as d left join direct as o on d.corrects_key = o.invoice_key
),
taken as (select distinct order_key from sold where order_key is not null),
near as (
    select s.invoice_key, p.order_key,
        count(*) over (partition by s.invoice_key) as of_invoice, count(*) over (partition by p.order_key) as of_order
    from sold as s cross join policy_values as v
    join order_positions as p on p.currency = 'CNY' and p.paid_minor = s.gross_minor
        and date_diff('day', p.recognised_on, s.issued_on) between -v.invoice_near_days and v.invoice_near_days
    left join taken as t on p.order_key = t.order_key
    where s.order_key is null and s.gross_minor > 0 and t.order_key is null
),
alike as (select invoice_key, min(order_key) as order_key from near where of_invoice = 1 and of_order = 1 group by invoice_key),
fee_bundles as (
    select item as invoice_key, min(is_doubtful) as is_doubtful, min(bundle) as bundle, min(entity_id) as entity_id, min(channel) as channel,
        min(shop) as shop, min(month) as fee_month
    from (select item, case when is_doubtful then 1 else 0 end as is_doubtful, bundle, entity_id, channel, shop, month from invoice_fees where part = 'invoice') as f
    group by item
),
books as (
    select invoice_key, side, min(entity_id) as entity_id, currency, issued_on, gross_minor, tax_minor, min(fee_channel) as fee_channel
    from invoice_book group by invoice_key, side, currency, issued_on, gross_minor, tax_minor
)
select
    cast(b.invoice_key as varchar) as invoice_key,
    cast(b.side as varchar) as side,
    cast(case when s.order_key is not null or f.is_doubtful = 0 then 'matched' when a.order_key is not null or f.is_doubtful = 1 then 'proposed'
              else 'unmatched' end as varchar) as state,
    cast(case when s.order_key is not null then s.rule when a.order_key is not null then 'amount_and_day' when f.is_doubtful = 0 then 'fees_of_month'
              when f.is_doubtful = 1 then 'several_alike' end as varchar) as rule,
    cast(coalesce(s.order_key, a.order_key) as varchar) as order_key,
    cast(coalesce(p.channel, f.channel, b.fee_channel) as varchar) as channel,
    cast(coalesce(p.shop, f.shop) as varchar) as shop,
    cast(coalesce(p.entity_id, f.entity_id, b.entity_id) as varchar) as entity_id,
    cast(f.fee_month as varchar) as fee_month,
    cast(case when f.is_doubtful = 0 then f.bundle end as varchar) as bundle,
    cast(b.issued_on as date) as issued_on,
    cast(b.currency as varchar) as currency,
    cast(b.gross_minor as bigint) as gross_minor,
    cast(b.tax_minor as bigint) as tax_minor
from books as b
left join sold as s on b.invoice_key = s.invoice_key
left join alike as a on b.invoice_key = a.invoice_key
left join fee_bundles as f on b.invoice_key = f.invoice_key
left join order_positions as p on coalesce(s.order_key, a.order_key) = p.order_key
