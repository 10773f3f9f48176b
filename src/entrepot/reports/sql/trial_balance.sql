-- Balance of every account per entity, book and currency, with the same in the entity's own currency.
select
    cast(entity_id as varchar) as entity_id,
    cast(book as varchar) as book,
    cast(account as varchar) as account,
    cast(currency as varchar) as currency,
    cast(functional_currency as varchar) as functional_currency,
    cast(sum_exact(case when amount_minor > 0 then amount_minor else 0 end) as bigint) as debit_minor,
    cast(sum_exact(case when amount_minor < 0 then -amount_minor else 0 end) as bigint) as credit_minor,
    cast(sum_exact(amount_minor) as bigint) as balance_minor,
    cast(sum_exact(functional_minor) as bigint) as functional_minor
from ledger_entries
group by entity_id, book, account, currency, functional_currency
