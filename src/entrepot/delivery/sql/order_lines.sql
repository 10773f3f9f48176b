-- Lines of sales orders: an order for each that buyers paid in the period, with the pieces it sold by SKU, dated on the
-- day it was paid. The amount is quantity times price, whose digits are those of the ERP and are cut off: an order books
-- nothing, so what that leaves is nobody's. What a refund takes back later is no part of it.
with paid as (
    select e.entity_id, e.book, e.period, e.channel, e.order_id, e.currency, min(e.functional_currency) as functional_currency,
        min(e.accounting_date) as paid_on
    from ledger_entries as e
    join asked as a on e.period = a.period and (a.entity_id = '' or e.entity_id = a.entity_id)
    join target_book as t on t.book = '' or e.book = t.book
    where e.posting_rule = 'paid' and e.order_id is not null and e.channel is not null
    group by e.entity_id, e.book, e.period, e.channel, e.order_id, e.currency
    -- An entry that was taken back comes to nothing.
    having sum_exact(case when e.account = 'contract_liability_unshipped' then -e.amount_minor else 0 end) > 0
),
sold as (
    select order_key, sku_id, sum_exact(quantity) as quantity, sum_exact(gross_minor - vat_minor) as net_minor
    from order_pieces where kind = 'line' group by order_key, sku_id
),
cut_off as (
    select p.*, s.sku_id, s.quantity, d.of_minor, d.units,
        product_exact(share_floor(s.net_minor, d.units, s.quantity), d.of_minor // d.units) as price_e6
    from paid as p
    join sold as s on p.order_id = s.order_key and s.quantity > 0 and s.net_minor >= 0
    join price_steps as d on p.currency = d.currency
),
-- No half of a cent is left to round; see `invoice_lines.sql`.
priced as (
    select entity_id, book, period, channel, order_id, currency, functional_currency, paid_on, sku_id, quantity, of_minor,
        case when product_exact(quantity, price_e6) % of_minor = of_minor // 2 then price_e6 - of_minor // units
             else price_e6 end as price_e6
    from cut_off
),
keyed as (
    select *, concat_ws('|', 'order', entity_id, book, currency, channel, order_id) as document_key from priced
)
select
    cast(substr(sha256(k.document_key), 1, 16) as varchar) as document_id,
    cast(row_number() over (partition by k.document_key order by k.sku_id) as bigint) as line_no,
    cast(k.entity_id as varchar) as entity_id,
    cast(coalesce(e.theirs, k.entity_id) as varchar) as company,
    cast(k.book as varchar) as book,
    cast(k.period as varchar) as period,
    cast(k.paid_on as date) as posted_on,
    cast(regexp_replace('order ' || replace(k.order_id, ':', ' '), '[,"\r\n\t]', ' ', 'g') as varchar) as reference,
    cast(k.currency as varchar) as currency,
    cast(k.functional_currency as varchar) as functional_currency,
    cast(coalesce(v.theirs, k.channel) as varchar) as party,
    cast(coalesce(u.theirs, k.sku_id, '') as varchar) as product,
    cast(k.quantity as bigint) as quantity,
    cast(k.price_e6 as bigint) as price_e6,
    cast(half_up_div(product_exact(k.quantity, k.price_e6), k.of_minor) as bigint) as base_minor
from keyed as k
left join value_map as v on v.kind = 'channel' and k.channel = v.ours
left join value_map as u on u.kind = 'sku' and k.sku_id = u.ours
left join value_map as e on e.kind = 'entity' and k.entity_id = e.ours
