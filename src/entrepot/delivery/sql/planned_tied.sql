-- The documents of a plan beside the ledger, by company, account of the ERP and currency of the sale, where they are not the
-- same in that currency or in the company's. What invoices charge the customers and what journals pay them is nothing
-- together. There is none unless we broke a promise.
with sides as (
    select company, account, currency, functional_minor as booked_minor, cast(0 as bigint) as delivered_minor,
        amount_minor as booked_own_minor, cast(0 as bigint) as delivered_own_minor
    from ledger_postings
    union all
    select company, account, currency, cast(0 as bigint) as booked_minor, functional_minor as delivered_minor,
        cast(0 as bigint) as booked_own_minor, amount_minor as delivered_own_minor
    from planned_postings where account <> ''
),
summed as (
    select company, account, currency, sum_exact(booked_minor) as ledger_minor, sum_exact(delivered_minor) as documents_minor,
        sum_exact(booked_own_minor) as ledger_own_minor, sum_exact(delivered_own_minor) as documents_own_minor
    from sides group by company, account, currency
)
select
    cast(company as varchar) as company,
    cast(account as varchar) as account,
    cast(currency as varchar) as currency,
    cast(ledger_minor as bigint) as ledger_minor,
    cast(documents_minor as bigint) as documents_minor,
    cast(ledger_own_minor as bigint) as ledger_own_minor,
    cast(documents_own_minor as bigint) as documents_own_minor
from summed where ledger_minor <> documents_minor or ledger_own_minor <> documents_own_minor
