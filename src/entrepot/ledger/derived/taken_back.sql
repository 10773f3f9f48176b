-- Entries that were published and that the tables no longer give, or give otherwise, once more and with their reversal.
-- `undoing` has one row: the number and the day of what is being undone. Both count on the day of the entry, so that its
-- period is as if it had never been there; the reversal's document is of the day it was undone. What is kept already, be
-- it of a closed period, is not touched again: there `open_entries` has the difference.
with was as (
    select * from entries_before where entry_id not in (select entry_id from kept_entries)
),
lines_was as (
    select entry_id, line_no, account, amount_minor, functional_minor, currency, accounting_date, coalesce(sku_id, '') as sku from was
),
lines_is as (
    select entry_id, line_no, account, amount_minor, functional_minor, currency, accounting_date, coalesce(sku_id, '') as sku from open_entries
),
gone as (select * from lines_was except select * from lines_is),
come as (select * from lines_is except select * from lines_was),
changed as (
    select entry_id from gone
    union
    select c.entry_id from come as c join (select distinct entry_id from was) as w on c.entry_id = w.entry_id
),
lost as (
    select w.*, u.undo_id, u.undone_on, k.posting_kind, k.sg
    from was as w join changed as c on w.entry_id = c.entry_id
    cross join undoing as u
    cross join (select 'taken_back' as posting_kind, 1 as sg union all select 'reversal' as posting_kind, -1 as sg) as k
)
select
    cast(posting_kind || ':' || undo_id || ':' || entry_id as varchar) as entry_id,
    cast(line_no as bigint) as line_no,
    cast(entity_id as varchar) as entity_id,
    cast(book as varchar) as book,
    cast(account as varchar) as account,
    cast(product_exact(sg, amount_minor) as bigint) as amount_minor,
    cast(currency as varchar) as currency,
    cast(product_exact(sg, functional_minor) as bigint) as functional_minor,
    cast(functional_currency as varchar) as functional_currency,
    cast(fx_rate_id as varchar) as fx_rate_id,
    cast(case when sg < 0 then undone_on else document_date end as date) as document_date,
    cast(accounting_date as date) as accounting_date,
    cast(period as varchar) as period,
    cast(fiscal_period as varchar) as fiscal_period,
    cast(posting_kind as varchar) as posting_rule,
    cast(rule_version as varchar) as rule_version,
    cast(cause_kind as varchar) as cause_kind,
    cast(cause_id as varchar) as cause_id,
    cast(order_id as varchar) as order_id,
    cast(order_line_id as varchar) as order_line_id,
    cast(sku_id as varchar) as sku_id,
    cast(channel as varchar) as channel,
    cast(shop as varchar) as shop,
    cast(counterparty_id as varchar) as counterparty_id,
    cast(tax_code as varchar) as tax_code,
    cast(wallet_id as varchar) as wallet_id,
    cast(case when sg < 0 then 'taken_back:' || undo_id || ':' || entry_id end as varchar) as reversal_of,
    cast(voucher_no as varchar) as voucher_no,
    cast(posted_at as timestamptz) as posted_at
from lost
