-- What an ERP holds beside the ledger, by company and account of the ERP, where it is not the same in the company's currency.
-- What invoices charge the customers and what journals pay them is nothing together.
with sides as (
    select company, account, functional_minor as booked_minor, cast(0 as bigint) as delivered_minor from ledger_postings
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
