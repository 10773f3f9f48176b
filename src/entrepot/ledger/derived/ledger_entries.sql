-- The whole book: entries of open days, and what is kept for good: closed periods, and what was taken back.
with together as (
    select entry_id, line_no, entity_id, book, account, amount_minor, currency, functional_minor,
           functional_currency, fx_rate_id, document_date, accounting_date, period, fiscal_period,
           posting_rule, rule_version, cause_kind, cause_id, order_id, order_line_id, sku_id, channel, shop,
           counterparty_id, tax_code, wallet_id, reversal_of, voucher_no, posted_at
    from open_entries
    union all
    select entry_id, line_no, entity_id, book, account, amount_minor, currency, functional_minor,
           functional_currency, fx_rate_id, document_date, accounting_date, period, fiscal_period,
           posting_rule, rule_version, cause_kind, cause_id, order_id, order_line_id, sku_id, channel, shop,
           counterparty_id, tax_code, wallet_id, reversal_of, voucher_no, posted_at
    from kept_entries
)
select
    cast(t.entry_id as varchar) as entry_id,
    cast(t.line_no as bigint) as line_no,
    cast(t.entity_id as varchar) as entity_id,
    cast(t.book as varchar) as book,
    cast(t.account as varchar) as account,
    cast(t.amount_minor as bigint) as amount_minor,
    cast(t.currency as varchar) as currency,
    cast(t.functional_minor as bigint) as functional_minor,
    cast(t.functional_currency as varchar) as functional_currency,
    cast(t.fx_rate_id as varchar) as fx_rate_id,
    cast(t.document_date as date) as document_date,
    cast(t.accounting_date as date) as accounting_date,
    cast(t.period as varchar) as period,
    cast(t.fiscal_period as varchar) as fiscal_period,
    cast(t.posting_rule as varchar) as posting_rule,
    cast(t.rule_version as varchar) as rule_version,
    cast(t.cause_kind as varchar) as cause_kind,
    cast(t.cause_id as varchar) as cause_id,
    cast(t.order_id as varchar) as order_id,
    cast(t.order_line_id as varchar) as order_line_id,
    cast(t.sku_id as varchar) as sku_id,
    cast(t.channel as varchar) as channel,
    cast(t.shop as varchar) as shop,
    cast(t.counterparty_id as varchar) as counterparty_id,
    cast(t.tax_code as varchar) as tax_code,
    cast(t.wallet_id as varchar) as wallet_id,
    cast(t.reversal_of as varchar) as reversal_of,
    cast(t.voucher_no as varchar) as voucher_no,
    cast(t.posted_at as timestamptz) as posted_at
from together as t
