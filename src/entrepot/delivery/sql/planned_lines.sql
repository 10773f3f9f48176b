-- Lines of the documents of a target: the journal lines of its book, added up where the ERP sees no difference.
with lines as (
    select l.journal_id, l.entity_id, l.entity_code, l.book, l.period, l.posted_on, l.currency, l.functional_currency,
        l.erp_account, l.is_debit, case when b.names_orders then l.reference else '' end as text,
        sum_exact(l.amount_minor) as amount_minor, sum_exact(l.functional_minor) as functional_minor
    from exported_lines as l
    join target_book as b on b.book = '' or l.book = b.book
    group by l.journal_id, l.entity_id, l.entity_code, l.book, l.period, l.posted_on, l.currency, l.functional_currency,
        l.erp_account, l.is_debit, case when b.names_orders then l.reference else '' end
)
select
    cast(journal_id as varchar) as document_id,
    cast(row_number() over (partition by journal_id order by is_debit desc, erp_account, amount_minor) as bigint) as line_no,
    cast(entity_id as varchar) as entity_id,
    cast(entity_code as varchar) as company,
    cast(book as varchar) as book,
    cast(period as varchar) as period,
    cast(posted_on as date) as posted_on,
    cast(text as varchar) as text,
    cast(currency as varchar) as currency,
    cast(functional_currency as varchar) as functional_currency,
    cast(erp_account as varchar) as account,
    cast(functional_minor as bigint) as functional_minor,
    cast(amount_minor as bigint) as amount_minor
from lines
