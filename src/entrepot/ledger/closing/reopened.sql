-- Reopening takes back what was posted on closing: every such entry once more with the sign turned, on its own day. What
-- the period held besides stays as it is, with its numbers.
with posted as (
    select k.*, c.closing_id, c.decided_on, 'reopened:' || c.closing_id || ':' || k.entry_id as back_id
    from kept_entries as k cross join closing as c
    where k.cause_kind = 'closing' and k.cause_id = c.closing_id and substr(k.entry_id, 1, 9) <> 'reopened:'
)
select
    cast(p.back_id as varchar) as entry_id, line_no, entity_id, book, account, cast(-amount_minor as bigint) as amount_minor,
    currency, cast(-functional_minor as bigint) as functional_minor, functional_currency, fx_rate_id,
    cast(decided_on as date) as document_date, accounting_date, period, fiscal_period, posting_rule, rule_version,
    cause_kind, cause_id, order_id, order_line_id, sku_id, channel, shop, counterparty_id, tax_code, wallet_id,
    cast(p.entry_id as varchar) as reversal_of, cast(null as varchar) as voucher_no, posted_at
from posted as p
union all
select entry_id, line_no, entity_id, book, account, amount_minor, currency, functional_minor, functional_currency, fx_rate_id,
    document_date, accounting_date, period, fiscal_period, posting_rule, rule_version, cause_kind, cause_id, order_id,
    order_line_id, sku_id, channel, shop, counterparty_id, tax_code, wallet_id, reversal_of, voucher_no, posted_at
from kept_entries
