-- Balance of every account per entity, book and currency, with the same in the entity's own currency and what the
-- company's own chart calls the account.
with balances as (
    select entity_id, book, account, currency, functional_currency,
        sum_exact(case when amount_minor > 0 then amount_minor else 0 end) as debit_minor,
        sum_exact(case when amount_minor < 0 then -amount_minor else 0 end) as credit_minor,
        sum_exact(amount_minor) as balance_minor, sum_exact(functional_minor) as functional_minor
    from ledger_entries
    group by entity_id, book, account, currency, functional_currency
)
select
    cast(b.entity_id as varchar) as entity_id,
    cast(b.book as varchar) as book,
    cast(b.account as varchar) as account,
    cast(c.own_code as varchar) as own_code,
    cast(c.own_name as varchar) as own_name,
    cast(b.currency as varchar) as currency,
    cast(b.functional_currency as varchar) as functional_currency,
    cast(b.debit_minor as bigint) as debit_minor,
    cast(b.credit_minor as bigint) as credit_minor,
    cast(b.balance_minor as bigint) as balance_minor,
    cast(b.functional_minor as bigint) as functional_minor
from balances as b left join chart_accounts as c on b.account = c.account
