-- Sales and refunds of the period in another currency than the company's that no invoice and no credit note takes, since the
-- ERP would book them at a rate of its own: by kind of document and currency, of how many orders, and what they come to.
-- Journals have them, in both currencies.
select
    cast(r.kind as varchar) as kind,
    cast(e.currency as varchar) as currency,
    cast(count(distinct coalesce(e.order_id, e.entry_id)) as bigint) as orders,
    cast(abs(sum_exact(e.amount_minor)) as bigint) as amount_minor
from ledger_entries as e
join asked as a on e.period = a.period and (a.entity_id = '' or e.entity_id = a.entity_id)
join target_book as t on t.book = '' or e.book = t.book
join document_rules as r on e.posting_rule = r.posting_rule and e.account = r.account
where e.channel is not null and e.currency <> e.functional_currency and not r.takes_foreign
group by r.kind, e.currency
