-- Debits and credits of every account in the journals beside those of the ledger, and of all entries with those that
-- payments stand for.
with exported as (
    select entity_id, book, account, currency,
        sum_exact(case when amount_minor > 0 then amount_minor else 0 end) as debit_minor,
        sum_exact(case when amount_minor < 0 then -amount_minor else 0 end) as credit_minor,
        sum_exact(functional_minor) as functional_minor
    from exported_lines group by entity_id, book, account, currency
),
booked as (
    select e.entity_id, e.book, e.account, e.currency,
        sum_exact(case when e.payment_per is null and e.amount_minor > 0 then e.amount_minor else 0 end) as debit_minor,
        sum_exact(case when e.payment_per is null and e.amount_minor < 0 then -e.amount_minor else 0 end) as credit_minor,
        sum_exact(case when e.payment_per is null then e.functional_minor else 0 end) as functional_minor,
        sum_exact(case when e.amount_minor > 0 then e.amount_minor else 0 end) as all_debit_minor,
        sum_exact(case when e.amount_minor < 0 then -e.amount_minor else 0 end) as all_credit_minor
    from journal_entries as e
    group by e.entity_id, e.book, e.account, e.currency
),
both_sides as (
    select entity_id, book, account, currency, debit_minor, credit_minor, functional_minor, 0 as booked_debit_minor,
           0 as booked_credit_minor, 0 as booked_functional_minor, 0 as all_debit_minor, 0 as all_credit_minor from exported
    union all
    select entity_id, book, account, currency, 0 as debit_minor, 0 as credit_minor, 0 as functional_minor,
           debit_minor as booked_debit_minor, credit_minor as booked_credit_minor,
           functional_minor as booked_functional_minor, all_debit_minor, all_credit_minor from booked
)
select
    cast(entity_id as varchar) as entity_id,
    cast(book as varchar) as book,
    cast(account as varchar) as account,
    cast(currency as varchar) as currency,
    cast(sum_exact(debit_minor) as bigint) as debit_minor,
    cast(sum_exact(credit_minor) as bigint) as credit_minor,
    cast(sum_exact(functional_minor) as bigint) as functional_minor,
    cast(sum_exact(booked_debit_minor) as bigint) as booked_debit_minor,
    cast(sum_exact(booked_credit_minor) as bigint) as booked_credit_minor,
    cast(sum_exact(booked_functional_minor) as bigint) as booked_functional_minor,
    cast(sum_exact(all_debit_minor) as bigint) as all_debit_minor,
    cast(sum_exact(all_credit_minor) as bigint) as all_credit_minor
from both_sides
group by entity_id, book, account, currency
