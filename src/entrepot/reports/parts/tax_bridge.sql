-- Parts of the figures of reports/sql/tax_bridge.sql: orders and postings; of what is not explained the other lines; of what
-- is compared with invoices the books' postings and the invoices.
with issued_rows as (
    select h.entity_id, cast(year(day_in_beijing(i.issued_at)) as varchar) || '-Q' || cast((month(day_in_beijing(i.issued_at)) + 2) // 3 as varchar) as quarter,
        i.currency, 'row/invoices/' || i.invoice_key as part, i.gross_minor, i.tax_minor
    from invoices as i
    join legal_entities as h on contains(' ' || h.tax_registrations || ' ', ' ' || i.seller_tax_no || ' ')
    where i.state <> 'voided' and i.issued_at is not null and h.tax_registrations is not null
),
booked_rows as (
    select m.entity_id, m.quarter, m.currency, m.part, m.amount_minor, m.no
    from moves as m join legal_entities as h on m.entity_id = h.entity_id
    where m.basis = 'paid' and h.tax_registrations is not null and m.no in (40, 51, 91, 92)
),
found as (
    select basis, entity_id, channel, shop, quarter, currency, no, part, amount_minor as amount from moves
    union all
    select s.basis, s.entity_id, s.channel, s.shop, s.quarter, s.currency, 39 as no, '=amount_minor=line_no=' || cast(s.no as varchar) as part,
        case when s.no = 40 then s.amount_minor else -s.amount_minor end as amount
    from summed as s where s.no < 39 or s.no = 40
    union all
    select 'invoices' as basis, b.entity_id, null as channel, null as shop, b.quarter, b.currency, case b.no when 91 then 91 when 92 then 71 else 70 end as no, b.part,
        case b.no when 92 then -b.amount_minor else b.amount_minor end as amount
    from booked_rows as b
    union all
    select 'invoices' as basis, i.entity_id, null as channel, null as shop, i.quarter, i.currency, n.no, i.part,
        case n.no when 80 then i.gross_minor else i.tax_minor end as amount
    from issued_rows as i cross join (values (80), (94)) as n(no)
    union all
    select 'invoices' as basis, b.entity_id, null as channel, null as shop, b.quarter, b.currency, 72 as no, '=amount_minor=line_no=' || n.line as part,
        case n.line when '80' then b.gross_minor when '70' then -b.sales_minor else b.third_party_minor end as amount
    from beside as b cross join (values ('80'), ('70'), ('71')) as n(line)
),
added as (
    select basis, entity_id, channel, shop, quarter, no, currency, part, sum_exact(amount) as part_minor
    from found group by basis, entity_id, channel, shop, quarter, no, currency, part
)
select
    cast(basis as varchar) as basis,
    cast(entity_id as varchar) as entity_id,
    cast(channel as varchar) as channel,
    cast(shop as varchar) as shop,
    cast(quarter as varchar) as quarter,
    cast(no as bigint) as line_no,
    cast(currency as varchar) as currency,
    cast('amount_minor' as varchar) as figure,
    cast('part' as varchar) as role,
    cast(part as varchar) as part,
    cast(part_minor as bigint) as amount
from added where part_minor <> 0
