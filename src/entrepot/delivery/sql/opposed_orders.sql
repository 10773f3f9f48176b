-- Orders of invoices, credit notes and payments that would have a line that is a debit in the one currency and a credit in the
-- other, which every ERP refuses: what customers owe is one sum of a document, and one that nearly cancels may come to it
-- where its orders have several rates. They stay in journals.
with opposed as (
    select document_id from invoice_lines
    where (amount_minor > 0 and functional_minor < 0) or (amount_minor < 0 and functional_minor > 0)
    union
    select document_id from payment_lines
    where (amount_minor > 0 and functional_minor < 0) or (amount_minor < 0 and functional_minor > 0)
)
select distinct
    cast(p.entity_id as varchar) as entity_id,
    cast(p.book as varchar) as book,
    cast(p.currency as varchar) as currency,
    cast(p.kind as varchar) as kind,
    cast(p.sold_as as varchar) as sold_as
from document_parts as p
join opposed as o
    on o.document_id = substr(sha256(p.document_key), 1, 16) or o.document_id = substr(sha256(p.payment_key), 1, 16)
where p.kind is not null
