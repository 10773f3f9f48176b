-- The ledger as a target gets it, of the period that is asked for: lines that an invoice or a credit note stands for give
-- way to the account that those documents charge, so that every entry still balances and nothing is booked twice.
-- `document_rules` says which lines of which entries that are; it has no row where everything goes as journals. Entries
-- in another currency than the company's stay journals too where an ERP would book a document at a rate of its own.
-- Where payments are asked for, an entry of which such a document takes lines is one as a whole: `payment_per` says what
-- a payment holds, `settled_kind` what it settles. It is then no part of a journal any more.
-- An ERP may refuse an invoice with a line below zero, and a credit note with one above: where the rule's `turned` says
-- so, an order that would make such a line stays in journals, and `kept_kind` says in place of which document. Orders in
-- `opposed_orders` stay in journals too: see `opposed_orders.sql`.
with ruled as (
    select e.*, a.period as asked_period, r.kind as ruled_kind, r.per as document_per, r.payment_per as line_payment_per, r.charged_account,
        coalesce(e.order_id, e.entry_id) as sold_as, r.role, r.turned
    from ledger_entries as e
    join asked as a on case when a.is_fiscal then e.fiscal_period else e.period end = a.period and (a.entity_id = '' or e.entity_id = a.entity_id)
    left join document_rules as r
        on e.posting_rule = r.posting_rule and e.account = r.account and e.channel is not null
        and (r.takes_foreign or e.currency = e.functional_currency)
),
-- As fine as the lines of any document are, so that whatever one holds, its lines are sums of lines that go.
summed as (
    select entity_id, book, currency, ruled_kind, sold_as, sum_exact(-amount_minor) as minor
    from ruled where turned = 'journal'
    group by entity_id, book, currency, ruled_kind, sold_as, accounting_date, account, tax_code,
        case when role = 'item' then order_line_id end, case when role = 'item' then sku_id end
),
kept as (
    select distinct entity_id, book, currency, ruled_kind, sold_as
    from summed where case when ruled_kind = 'invoice' then minor < 0 else minor > 0 end
),
parted as (
    select r.*, case when k.sold_as is null and o.sold_as is null then r.ruled_kind end as document_kind,
        k.ruled_kind as kept_kind
    from ruled as r
    left join kept as k
        on r.entity_id = k.entity_id and r.book = k.book and r.currency = k.currency and r.ruled_kind = k.ruled_kind
        and r.sold_as = k.sold_as
    left join opposed_orders as o
        on r.entity_id = o.entity_id and r.book = o.book and r.currency = o.currency and r.ruled_kind = o.kind
        and r.sold_as = o.sold_as
),
settled as (
    select entry_id, entity_id, book, currency, period, max(line_payment_per) as payment_per, max(document_kind) as settled_kind
    from parted where document_kind is not null
    group by entry_id, entity_id, book, currency, period
),
whole as (
    select r.*, s.payment_per, s.settled_kind
    from parted as r
    left join settled as s
        on r.entry_id = s.entry_id and r.entity_id = s.entity_id and r.book = s.book and r.currency = s.currency
        and r.period = s.period
)
select
    cast(entry_id as varchar) as entry_id,
    cast(entity_id as varchar) as entity_id,
    cast(book as varchar) as book,
    cast(case when document_kind is null then account else charged_account end as varchar) as account,
    cast(account as varchar) as own_account,
    cast(document_kind as varchar) as document_kind,
    cast(kept_kind as varchar) as kept_kind,
    cast(document_per as varchar) as document_per,
    cast(payment_per as varchar) as payment_per,
    cast(settled_kind as varchar) as settled_kind,
    cast(sold_as as varchar) as sold_as,
    cast(currency as varchar) as currency,
    cast(functional_currency as varchar) as functional_currency,
    cast(fx_rate_id as varchar) as fx_rate_id,
    cast(asked_period as varchar) as period,
    cast(accounting_date as date) as accounting_date,
    cast(cause_kind as varchar) as cause_kind,
    cast(cause_id as varchar) as cause_id,
    cast(order_id as varchar) as order_id,
    cast(order_line_id as varchar) as order_line_id,
    cast(case when document_kind is null then sku_id end as varchar) as sku_id,
    cast(sku_id as varchar) as own_sku_id,
    cast(channel as varchar) as channel,
    cast(shop as varchar) as shop,
    cast(case when document_kind is null then tax_code end as varchar) as tax_code,
    cast(tax_code as varchar) as own_tax_code,
    cast(wallet_id as varchar) as wallet_id,
    cast(amount_minor as bigint) as amount_minor,
    cast(functional_minor as bigint) as functional_minor
from whole
