-- What an ERP holds beside the ledger, by company and account of the ERP, where it is not the same in the company's currency.
-- What invoices charge the customers and what journals pay them is nothing together.
with sides as (
    select coalesce(v.theirs, e.entity_id) as company, coalesce(m.erp_account, g.erp_account) as account,
        e.functional_minor as booked_minor, cast(0 as bigint) as delivered_minor
    from ledger_entries as e
    join asked as a on e.period = a.period and (a.entity_id = '' or e.entity_id = a.entity_id)
    join target_book as b on b.book = '' or e.book = b.book
    left join account_map as m on e.account = m.account and e.channel = m.channel
    left join account_map as g on e.account = g.account and g.channel = ''
    left join value_map as v on v.kind = 'entity' and e.entity_id = v.ours
    union all
    select company, account, cast(0 as bigint) as booked_minor, functional_minor as delivered_minor
    from document_postings where account <> ''
),
summed as (
    select company, account, sum_exact(booked_minor) as ledger_minor, sum_exact(delivered_minor) as documents_minor
    from sides group by company, account
)
select
    cast(company as varchar) as company,
    cast(account as varchar) as account,
    cast(ledger_minor as bigint) as ledger_minor,
    cast(documents_minor as bigint) as documents_minor
from summed where ledger_minor <> documents_minor
