-- The ledger of the period and books that a target takes, by company and account of the ERP: what its documents have to book.
select
    cast(coalesce(v.theirs, e.entity_id) as varchar) as company,
    cast(coalesce(m.erp_account, g.erp_account) as varchar) as account,
    cast(e.currency as varchar) as currency,
    cast(e.amount_minor as bigint) as amount_minor,
    cast(e.functional_minor as bigint) as functional_minor
from ledger_entries as e
join asked as a on e.period = a.period and (a.entity_id = '' or e.entity_id = a.entity_id)
join target_book as b on b.book = '' or e.book = b.book
left join account_map as m on e.account = m.account and e.channel = m.channel
left join account_map as g on e.account = g.account and g.channel = ''
left join value_map as v on v.kind = 'entity' and e.entity_id = v.ours
