-- Which party and product every planned document names: what has to be in the ERP before it.
with named as (
    select document_id, kind, 'party' as needed_kind, party as code from planned_lines
    where role in ('', 'total', 'ordered', 'moved') and party <> ''
    union
    select document_id, kind, 'product' as needed_kind, product as code from planned_lines
    where role in ('item', 'ordered', 'moved') and product <> ''
),
masters as (
    select document_id as base_id, kind as needed_kind, company, case when kind = 'party' then party else product end as code
    from planned_lines where role in ('party', 'product')
),
companies as (select distinct document_id, company from planned_lines where role not in ('party', 'product'))
select
    cast(n.document_id as varchar) as document_id,
    cast(m.base_id as varchar) as base_id
from named as n
join companies as c on n.document_id = c.document_id
join masters as m on n.needed_kind = m.needed_kind and n.code = m.code and (m.company = '' or m.company = c.company)
