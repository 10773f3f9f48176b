-- Entries that were published and that the tables no longer give, or give otherwise, once more and with their reversal.
-- `undoing` has one row: the number and the day of what is being undone. Both count on the day of the entry, so that its
-- period is as if it had never been there; the reversal's document is of the day it was undone.
with was as (
    select * from entries_before where posting_rule <> 'taken_back' and posting_rule <> 'reversal'
),
lines_was as (
    select entry_id, line_no, account, amount_minor, functional_minor, currency, accounting_date, coalesce(sku_id, '') as sku from was
),
lines_is as (
    select entry_id, line_no, account, amount_minor, functional_minor, currency, accounting_date, coalesce(sku_id, '') as sku from entries
),
gone as (select * from lines_was except select * from lines_is),
come as (select * from lines_is except select * from lines_was),
changed as (
    select entry_id from gone
    union
    select c.entry_id from come as c join (select distinct entry_id from was) as w on c.entry_id = w.entry_id
),
lost as (select w.*, u.undo_id, u.undone_on from was as w join changed as c on w.entry_id = c.entry_id cross join undoing as u)
select
    cast('taken_back:' || l.undo_id || ':' || l.entry_id as varchar) as entry_id,
    cast(l.line_no as bigint) as line_no,
    cast(l.entity_id as varchar) as entity_id,
    cast(l.book as varchar) as book,
    cast(l.account as varchar) as account,
    cast(l.amount_minor as bigint) as amount_minor,
    cast(l.currency as varchar) as currency,
    cast(l.functional_minor as bigint) as functional_minor,
    cast(l.functional_currency as varchar) as functional_currency,
    cast(l.fx_rate_id as varchar) as fx_rate_id,
    cast(l.document_date as date) as document_date,
    cast(l.accounting_date as date) as accounting_date,
    cast(l.period as varchar) as period,
    cast(l.fiscal_period as varchar) as fiscal_period,
    cast('taken_back' as varchar) as posting_rule,
    cast(l.rule_version as varchar) as rule_version,
    cast(l.cause_kind as varchar) as cause_kind,
    cast(l.cause_id as varchar) as cause_id,
    cast(l.order_id as varchar) as order_id,
    cast(l.order_line_id as varchar) as order_line_id,
    cast(l.sku_id as varchar) as sku_id,
    cast(l.channel as varchar) as channel,
    cast(l.shop as varchar) as shop,
    cast(l.counterparty_id as varchar) as counterparty_id,
    cast(l.tax_code as varchar) as tax_code,
    cast(l.wallet_id as varchar) as wallet_id,
    cast(l.reversal_of as varchar) as reversal_of,
    cast(l.voucher_no as varchar) as voucher_no,
    cast(l.posted_at as timestamptz) as posted_at
from lost as l
union all
select
    cast('reversal:' || l.undo_id || ':' || l.entry_id as varchar) as entry_id,
    cast(l.line_no as bigint) as line_no,
    cast(l.entity_id as varchar) as entity_id,
    cast(l.book as varchar) as book,
    cast(l.account as varchar) as account,
    cast(-l.amount_minor as bigint) as amount_minor,
    cast(l.currency as varchar) as currency,
    cast(-l.functional_minor as bigint) as functional_minor,
    cast(l.functional_currency as varchar) as functional_currency,
    cast(l.fx_rate_id as varchar) as fx_rate_id,
    cast(l.undone_on as date) as document_date,
    cast(l.accounting_date as date) as accounting_date,
    cast(l.period as varchar) as period,
    cast(l.fiscal_period as varchar) as fiscal_period,
    cast('reversal' as varchar) as posting_rule,
    cast(l.rule_version as varchar) as rule_version,
    cast(l.cause_kind as varchar) as cause_kind,
    cast(l.cause_id as varchar) as cause_id,
    cast(l.order_id as varchar) as order_id,
    cast(l.order_line_id as varchar) as order_line_id,
    cast(l.sku_id as varchar) as sku_id,
    cast(l.channel as varchar) as channel,
    cast(l.shop as varchar) as shop,
    cast(l.counterparty_id as varchar) as counterparty_id,
    cast(l.tax_code as varchar) as tax_code,
    cast(l.wallet_id as varchar) as wallet_id,
    cast('taken_back:' || l.undo_id || ':' || l.entry_id as varchar) as reversal_of,
    cast(l.voucher_no as varchar) as voucher_no,
    cast(l.posted_at as timestamptz) as posted_at
from lost as l
