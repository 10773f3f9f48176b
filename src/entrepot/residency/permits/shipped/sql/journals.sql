-- Postings of a company, day and rule, added up by account, shop and SKU. What an order's piece says about cost stays with
-- its revenue, so that a P&L abroad takes the same lines out of margin.
with pieces as (
    select order_key, line_id, sku_id, bool_and(has_cost) as has_cost from order_pieces group by order_key, line_id, sku_id
),
lines as (
    select e.entity_id, e.book, e.period, e.fiscal_period, e.accounting_date, e.posting_rule, e.account, e.channel, e.shop, e.sku_id,
           e.tax_code, e.currency, e.functional_currency, e.amount_minor, e.functional_minor, coalesce(p.has_cost, true) as has_cost
    from ledger_entries as e
    left join pieces as p
        on e.order_id = p.order_key and e.order_line_id = p.line_id and coalesce(e.sku_id, '') = coalesce(p.sku_id, '')
)
select
    cast(entity_id || '/' || cast(accounting_date as varchar) || '/' || posting_rule as varchar) as batch_key,
    cast(entity_id as varchar) as entity_id, cast(book as varchar) as book, cast(period as varchar) as period,
    cast(fiscal_period as varchar) as fiscal_period, cast(accounting_date as date) as accounting_date,
    cast(posting_rule as varchar) as posting_rule, cast(account as varchar) as account, cast(channel as varchar) as channel,
    cast(shop as varchar) as shop, cast(sku_id as varchar) as sku_id, cast(tax_code as varchar) as tax_code,
    cast(has_cost as boolean) as has_cost, cast(currency as varchar) as currency,
    cast(sum_exact(amount_minor) as bigint) as amount_minor, cast(functional_currency as varchar) as functional_currency,
    cast(sum_exact(functional_minor) as bigint) as functional_minor, cast(count(*) as bigint) as postings
from lines
group by entity_id, book, period, fiscal_period, accounting_date, posting_rule, account, channel, shop, sku_id, tax_code, has_cost,
         currency, functional_currency
