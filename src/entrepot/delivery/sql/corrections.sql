-- Lines of corrections: what a journal is now less everything that was sent of it, by account and party. `corrected` has a
-- row for each correction with the head that its lines get, `held_documents` says which documents were sent of which
-- journal, and `held_lines` has their lines.
with both_sides as (
    select c.document_id, p.account, p.party, p.functional_minor, p.amount_minor
    from planned_lines as p join corrected as c on p.document_id = c.base_id
    union all
    select c.document_id, l.account, l.party, -l.functional_minor as functional_minor, -l.amount_minor as amount_minor
    from held_lines as l
    join held_documents as h on l.document_id = h.held_id
    join corrected as c on h.base_id = c.base_id
),
summed as (
    select document_id, account, party, sum_exact(functional_minor) as functional_minor, sum_exact(amount_minor) as amount_minor
    from both_sides group by document_id, account, party
)
select
    cast(s.document_id as varchar) as document_id,
    cast(row_number() over (partition by s.document_id order by s.functional_minor desc, s.account, s.party) as bigint) as line_no,
    cast(c.entity_id as varchar) as entity_id,
    cast(c.company as varchar) as company,
    cast(c.book as varchar) as book,
    cast(c.period as varchar) as period,
    cast(c.posted_on as date) as posted_on,
    cast(c.text as varchar) as text,
    cast(c.currency as varchar) as currency,
    cast(c.functional_currency as varchar) as functional_currency,
    cast(s.account as varchar) as account,
    cast(s.functional_minor as bigint) as functional_minor,
    cast(s.amount_minor as bigint) as amount_minor,
    cast('' as varchar) as role,
    cast(s.party as varchar) as party,
    cast('' as varchar) as product,
    cast('' as varchar) as line_text,
    cast(0 as bigint) as quantity,
    cast(0 as bigint) as price_e6,
    cast('' as varchar) as tax_code,
    cast(0 as bigint) as base_minor,
    cast('' as varchar) as settles
from summed as s join corrected as c on s.document_id = c.document_id
where s.functional_minor <> 0
