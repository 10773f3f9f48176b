-- Documents of ours and of the ERP beside each other, line by line of an account, where they are not the same; and how
-- many are. `ours` and `theirs` have document_id, company, posted_on, currency, account, functional_minor, amount_minor.
with sides as (
    select document_id, company, currency, account, functional_minor as our_functional, amount_minor as our_amount,
        cast(0 as bigint) as their_functional, cast(0 as bigint) as their_amount
    from ours
    union all
    select document_id, company, currency, account, cast(0 as bigint) as our_functional, cast(0 as bigint) as our_amount,
        functional_minor as their_functional, amount_minor as their_amount
    from theirs
),
compared as (
    select document_id, company, currency, account,
        sum_exact(our_functional) as functional_minor, sum_exact(our_amount) as amount_minor,
        sum_exact(their_functional) as their_functional_minor, sum_exact(their_amount) as their_amount_minor
    from sides group by document_id, company, currency, account
)
select
    cast(document_id as varchar) as document_id,
    cast(company as varchar) as company,
    cast(currency as varchar) as currency,
    cast(account as varchar) as account,
    cast(functional_minor as bigint) as functional_minor,
    cast(amount_minor as bigint) as amount_minor,
    cast(their_functional_minor as bigint) as their_functional_minor,
    cast(their_amount_minor as bigint) as their_amount_minor
from compared
where functional_minor <> their_functional_minor or amount_minor <> their_amount_minor
