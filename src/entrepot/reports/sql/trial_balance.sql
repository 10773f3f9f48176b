-- Balance of every account per entity, book and currency, with the same in the entity's own currency and what the
-- company's own chart calls the account.
with lines as (
    select e.entry_id, e.line_no, e.entity_id, e.book, e.account, c.own_code, c.own_name, e.currency, e.functional_currency,
        e.amount_minor, e.functional_minor
    from ledger_entries as e left join chart_accounts as c on e.account = c.account
)
select
    cast(entity_id as varchar) as entity_id,
    cast(book as varchar) as book,
    cast(account as varchar) as account,
    cast(own_code as varchar) as own_code,
    cast(own_name as varchar) as own_name,
    cast(currency as varchar) as currency,
    cast(functional_currency as varchar) as functional_currency,
    cast(sum_exact(case when amount_minor > 0 then amount_minor else 0 end) as bigint) as debit_minor,
    cast(sum_exact(case when amount_minor < 0 then -amount_minor else 0 end) as bigint) as credit_minor,
    cast(sum_exact(amount_minor) as bigint) as balance_minor,
    cast(sum_exact(functional_minor) as bigint) as functional_minor
from lines
group by entity_id, book, account, own_code, own_name, currency, functional_currency
