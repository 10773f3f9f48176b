-- The ledger as a target gets it: lines that an invoice or a credit note stands for give way to the account that those
-- documents charge, so that every entry still balances and nothing is booked twice. `document_rules` says which lines
-- of which entries that are; it has no row where everything goes as journals. A document is in the company's currency:
-- entries in another one, whose rate an ERP would look up itself, stay journals.
select
    cast(e.entry_id as varchar) as entry_id,
    cast(e.entity_id as varchar) as entity_id,
    cast(e.book as varchar) as book,
    cast(case when r.kind is null then e.account else r.charged_account end as varchar) as account,
    cast(e.account as varchar) as own_account,
    cast(r.kind as varchar) as document_kind,
    cast(r.per as varchar) as document_per,
    cast(e.currency as varchar) as currency,
    cast(e.functional_currency as varchar) as functional_currency,
    cast(e.fx_rate_id as varchar) as fx_rate_id,
    cast(e.period as varchar) as period,
    cast(e.accounting_date as date) as accounting_date,
    cast(e.cause_kind as varchar) as cause_kind,
    cast(e.cause_id as varchar) as cause_id,
    cast(e.order_id as varchar) as order_id,
    cast(e.order_line_id as varchar) as order_line_id,
    cast(case when r.kind is null then e.sku_id end as varchar) as sku_id,
    cast(e.sku_id as varchar) as own_sku_id,
    cast(e.channel as varchar) as channel,
    cast(e.shop as varchar) as shop,
    cast(case when r.kind is null then e.tax_code end as varchar) as tax_code,
    cast(e.tax_code as varchar) as own_tax_code,
    cast(e.wallet_id as varchar) as wallet_id,
    cast(e.amount_minor as bigint) as amount_minor,
    cast(e.functional_minor as bigint) as functional_minor
from ledger_entries as e
left join document_rules as r
    on e.posting_rule = r.posting_rule and e.account = r.account and e.currency = e.functional_currency
    and e.channel is not null
