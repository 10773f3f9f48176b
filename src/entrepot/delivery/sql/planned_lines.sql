-- Lines of the documents of a target, its journals, invoices, credit notes, payments, orders, goods, parties and products:
-- the journal lines of its book added up where the ERP sees no difference, the lines of other documents as they are, and a
-- line for each party and product that they name. What a line is says `role`: '' of journals and payments; total, item
-- and tax; ordered; moved; party and product. `settles` names the invoice or credit note that a line of a payment pays.
with journals as (
    select l.journal_id, l.entity_id, l.entity_code, l.book, l.period, l.posted_on, l.currency, l.functional_currency,
        l.erp_account, l.is_debit, l.is_nil, case when b.names_orders then l.reference else '' end as text,
        case when l.account = 'customer_clearing' then coalesce(l.channel_code, '') else '' end as party,
        sum_exact(l.amount_minor) as amount_minor, sum_exact(l.functional_minor) as functional_minor
    from exported_lines as l
    join target_book as b on b.book = '' or l.book = b.book
    group by l.journal_id, l.entity_id, l.entity_code, l.book, l.period, l.posted_on, l.currency, l.functional_currency,
        l.erp_account, l.is_debit, l.is_nil, case when b.names_orders then l.reference else '' end,
        case when l.account = 'customer_clearing' then coalesce(l.channel_code, '') else '' end
),
named as (
    select distinct 'party' as kind, case when b.shares_masters then '' else i.company end as company, i.party as code
    from invoice_lines as i join target_book as b on b.sends_masters
    union
    select distinct 'product' as kind, case when b.shares_masters then '' else i.company end as company, i.product as code
    from invoice_lines as i join target_book as b on b.sends_products where i.product <> ''
    union
    select distinct 'party' as kind, case when b.shares_masters then '' else o.company end as company, o.party as code
    from order_lines as o join target_book as b on b.sends_masters
    union
    select distinct 'product' as kind, case when b.shares_masters then '' else o.company end as company, o.product as code
    from order_lines as o join target_book as b on b.sends_products where o.product <> ''
    union
    select distinct 'party' as kind, case when b.shares_masters then '' else g.company end as company, g.party as code
    from goods_lines as g join target_book as b on b.sends_masters
    union
    select distinct 'product' as kind, case when b.shares_masters then '' else g.company end as company, g.product as code
    from goods_lines as g join target_book as b on b.sends_products
),
masters as (
    -- Blanks around a name do not survive in an ERP, nor does what is too long for it: the audit would see a difference.
    select n.kind, n.company, n.code,
        coalesce(nullif(trim(substr(trim(case when n.kind = 'party' then c.name when b.names_skus then s.name end, ' '),
                                    1, b.name_length), ' '), ''), n.code) as name
    from named as n
    join target_book as b on b.sends_masters
    left join channel_names as c on n.kind = 'party' and n.code = c.code
    left join sku_names as s on n.kind = 'product' and n.code = s.code
)
select
    cast(journal_id as varchar) as document_id,
    cast('journal' as varchar) as kind,
    cast(row_number() over (partition by journal_id order by is_debit desc, erp_account, amount_minor, party) as bigint) as line_no,
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
    cast(amount_minor as bigint) as amount_minor,
    cast('' as varchar) as role,
    cast(party as varchar) as party,
    cast('' as varchar) as product,
    cast('' as varchar) as line_text,
    cast(0 as bigint) as quantity,
    cast(0 as bigint) as price_e6,
    cast('' as varchar) as tax_code,
    cast(0 as bigint) as base_minor,
    cast('' as varchar) as settles
from journals
union all
select
    cast(i.document_id as varchar) as document_id,
    cast(i.kind as varchar) as kind,
    cast(i.line_no as bigint) as line_no,
    cast(i.entity_id as varchar) as entity_id,
    cast(i.company as varchar) as company,
    cast(i.book as varchar) as book,
    cast(i.period as varchar) as period,
    cast(i.posted_on as date) as posted_on,
    cast(case when b.names_orders then i.reference else '' end as varchar) as text,
    cast(i.currency as varchar) as currency,
    cast(i.functional_currency as varchar) as functional_currency,
    cast(i.account as varchar) as account,
    cast(i.functional_minor as bigint) as functional_minor,
    cast(i.amount_minor as bigint) as amount_minor,
    cast(i.role as varchar) as role,
    cast(i.party as varchar) as party,
    cast(i.product as varchar) as product,
    cast(i.line_text as varchar) as line_text,
    cast(i.quantity as bigint) as quantity,
    cast(i.price_e6 as bigint) as price_e6,
    cast(i.tax_code as varchar) as tax_code,
    cast(i.base_minor as bigint) as base_minor,
    cast('' as varchar) as settles
from invoice_lines as i join target_book as b on true
union all
select
    cast(p.document_id as varchar) as document_id,
    cast('payment' as varchar) as kind,
    cast(p.line_no as bigint) as line_no,
    cast(p.entity_id as varchar) as entity_id,
    cast(p.company as varchar) as company,
    cast(p.book as varchar) as book,
    cast(p.period as varchar) as period,
    cast(p.posted_on as date) as posted_on,
    cast(case when b.names_orders then p.reference else '' end as varchar) as text,
    cast(p.currency as varchar) as currency,
    cast(p.functional_currency as varchar) as functional_currency,
    cast(p.account as varchar) as account,
    cast(p.functional_minor as bigint) as functional_minor,
    cast(p.amount_minor as bigint) as amount_minor,
    cast('' as varchar) as role,
    cast(p.party as varchar) as party,
    cast('' as varchar) as product,
    cast('' as varchar) as line_text,
    cast(0 as bigint) as quantity,
    cast(0 as bigint) as price_e6,
    cast('' as varchar) as tax_code,
    cast(0 as bigint) as base_minor,
    cast(p.settles as varchar) as settles
from payment_lines as p join target_book as b on true
union all
select
    cast(o.document_id as varchar) as document_id,
    cast('order' as varchar) as kind,
    cast(o.line_no as bigint) as line_no,
    cast(o.entity_id as varchar) as entity_id,
    cast(o.company as varchar) as company,
    cast(o.book as varchar) as book,
    cast(o.period as varchar) as period,
    cast(o.posted_on as date) as posted_on,
    cast(case when b.names_orders then o.reference else '' end as varchar) as text,
    cast(o.currency as varchar) as currency,
    cast(o.functional_currency as varchar) as functional_currency,
    cast('' as varchar) as account,
    cast(0 as bigint) as functional_minor,
    cast(0 as bigint) as amount_minor,
    cast('ordered' as varchar) as role,
    cast(o.party as varchar) as party,
    cast(o.product as varchar) as product,
    cast(o.product as varchar) as line_text,
    cast(o.quantity as bigint) as quantity,
    cast(o.price_e6 as bigint) as price_e6,
    cast('' as varchar) as tax_code,
    cast(o.base_minor as bigint) as base_minor,
    cast('' as varchar) as settles
from order_lines as o join target_book as b on true
union all
select
    cast(g.document_id as varchar) as document_id,
    cast(g.kind as varchar) as kind,
    cast(g.line_no as bigint) as line_no,
    cast(g.entity_id as varchar) as entity_id,
    cast(g.company as varchar) as company,
    cast(b.book as varchar) as book,
    cast(g.period as varchar) as period,
    cast(g.posted_on as date) as posted_on,
    cast(case when b.names_orders then g.reference else '' end as varchar) as text,
    cast(g.currency as varchar) as currency,
    cast(g.currency as varchar) as functional_currency,
    cast('' as varchar) as account,
    cast(0 as bigint) as functional_minor,
    cast(0 as bigint) as amount_minor,
    cast('moved' as varchar) as role,
    cast(g.party as varchar) as party,
    cast(g.product as varchar) as product,
    cast(g.product as varchar) as line_text,
    cast(g.quantity as bigint) as quantity,
    cast(0 as bigint) as price_e6,
    cast('' as varchar) as tax_code,
    cast(0 as bigint) as base_minor,
    cast('' as varchar) as settles
from goods_lines as g join target_book as b on true
union all
select
    cast(substr(sha256(concat_ws('|', m.kind, m.company, m.code)), 1, 16) as varchar) as document_id,
    cast(m.kind as varchar) as kind,
    cast(1 as bigint) as line_no,
    cast('' as varchar) as entity_id,
    cast(m.company as varchar) as company,
    cast('' as varchar) as book,
    cast('' as varchar) as period,
    cast(b.today as date) as posted_on,
    cast(m.name as varchar) as text,
    cast('' as varchar) as currency,
    cast('' as varchar) as functional_currency,
    cast('' as varchar) as account,
    cast(0 as bigint) as functional_minor,
    cast(0 as bigint) as amount_minor,
    cast(m.kind as varchar) as role,
    cast(case when m.kind = 'party' then m.code else '' end as varchar) as party,
    cast(case when m.kind = 'product' then m.code else '' end as varchar) as product,
    cast(m.name as varchar) as line_text,
    cast(0 as bigint) as quantity,
    cast(0 as bigint) as price_e6,
    cast('' as varchar) as tax_code,
    cast(0 as bigint) as base_minor,
    cast('' as varchar) as settles
from masters as m join target_book as b on true
