-- Tax invoices beside what they are for, by shop and month: docs/reference/reports/invoicing.md. Sales stand in the month in
-- which they were recognised, with what was refunded and invoiced since; fees in the month in which they were taken.
with sold as (
    select p.order_key, p.entity_id, p.channel, p.shop, p.currency, substr(cast(p.recognised_on as varchar), 1, 7) as month,
        sum_exact(-e.amount_minor) as sales_minor
    from order_positions as p join ledger_entries as e on p.order_key = e.order_id
    where p.recognised_on is not null and e.book = 'local' and e.posting_rule in ('recognised', 'refunded')
      and (e.account in ('revenue_goods', 'revenue_shipping', 'revenue_reduction')
           or (e.account = 'output_vat' and coalesce(e.tax_code, '') not in ('tax_added', 'customs_composite')))
    group by p.order_key, p.entity_id, p.channel, p.shop, p.currency, substr(cast(p.recognised_on as varchar), 1, 7)
),
invoiced as (
    select order_key, sum_exact(gross_minor) as invoiced_minor, sum_exact(tax_minor) as tax_minor from invoice_matches
    where side = 'issued' and state = 'matched' group by order_key
),
booked as (
    select cause_id, channel, shop, min(period) as period from ledger_entries
    where posting_rule = 'settled' and book = 'local' group by cause_id, channel, shop
),
-- An order refunded beyond its sale lowers what is to be declared; only what was invoiced can be invoiced too high.
compared as (
    select s.*, coalesce(i.invoiced_minor, 0) as invoiced_minor, greatest(coalesce(i.invoiced_minor, 0) - greatest(s.sales_minor, 0), 0) as over_minor
    from sold as s left join invoiced as i on s.order_key = i.order_key
),
lines as (
    select 'order/' || order_key as part, entity_id, channel, shop, month, currency, sales_minor, invoiced_minor,
        sales_minor - invoiced_minor + over_minor as uninvoiced_minor,
        over_minor, 0 as unknown_minor, 0 as fees_minor, 0 as vat_minor, 0 as claimed_minor
    from compared
    union all
    -- What is invoiced and no sale: an order that is not recognised yet, or none that is known.
    select 'row/invoices/' || m.invoice_key as part, m.entity_id, m.channel, m.shop, substr(cast(m.issued_on as varchar), 1, 7) as month, m.currency, 0 as sales_minor, 0 as invoiced_minor,
        0 as uninvoiced_minor, 0 as over_minor, m.gross_minor as unknown_minor, 0 as fees_minor, 0 as vat_minor, 0 as claimed_minor
    from invoice_matches as m left join sold as s on m.order_key = s.order_key and m.state = 'matched'
    where m.side = 'issued' and s.order_key is null and m.gross_minor <> 0
    union all
    -- A payment provider's fees are those of the shop that it serves, in the month of the books.
    select 'row/settlement_lines/' || f.line_id as part, f.entity_id, e.channel, e.shop, e.period as month, f.currency, 0 as sales_minor, 0 as invoiced_minor, 0 as uninvoiced_minor,
        0 as over_minor, 0 as unknown_minor, f.gross_minor as fees_minor, f.vat_minor, case when f.vat_status = 'invoiced' then f.vat_minor else 0 end as claimed_minor
    from fees as f join booked as e on f.line_id = e.cause_id where f.vat_status <> 'not_creditable'
)
select
    cast(entity_id as varchar) as entity_id,
    cast(channel as varchar) as channel,
    cast(shop as varchar) as shop,
    cast(month as varchar) as month,
    cast(currency as varchar) as currency,
    cast(sum_exact(sales_minor) as bigint) as sales_minor,
    cast(sum_exact(invoiced_minor) as bigint) as invoiced_minor,
    cast(sum_exact(uninvoiced_minor) as bigint) as uninvoiced_minor,
    cast(sum_exact(over_minor) as bigint) as over_invoiced_minor,
    cast(sum_exact(unknown_minor) as bigint) as invoices_without_sale_minor,
    cast(sum_exact(fees_minor) as bigint) as fees_minor,
    cast(sum_exact(claimed_minor) as bigint) as fee_vat_invoiced_minor,
    cast(sum_exact(vat_minor - claimed_minor) as bigint) as fee_vat_pending_minor
from lines
group by entity_id, channel, shop, month, currency
