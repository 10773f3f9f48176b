-- Lines of invoices and credit notes: the ledger's lines that they stand for, by document (`document_parts`).
-- A line has a quantity and a price of so many digits as the ERP takes. What the two multiplied leave of the line's
-- amount, a cent or so, is a line of its own; prices are cut off and not rounded, so that it is never below zero.
-- Of a document in another currency each line has the ledger's amount in the company's too; what comes to nothing in the one
-- and not in the other stays a line, or the document would differ from the ledger. Debits and credits stay apart there, as in
-- journals: rates of several days could leave a sum that is a debit in the one currency and a credit in the other.
with pieces as (
    select order_key, line_id, sku_id, sum_exact(quantity) as quantity
    from order_pieces where kind = 'line' group by order_key, line_id, sku_id
),
parts as (
    select *, case when currency = functional_currency then 0 when amount_minor > 0 then 1 when amount_minor < 0 then -1 else 0 end as side
    from document_parts where document_key is not null
),
-- A line of an order once, with the pieces it sold; a credit note takes value back, not pieces.
sold as (
    select document_key, kind, entity_id, book, currency, functional_currency, period, posted_on, grouping_kind, grouping_key,
        channel, charged_account, own_account, order_id, order_line_id, sku_id, tax_code, side,
        sum_exact(amount_minor) as amount_minor, sum_exact(functional_minor) as functional_minor
    from parts
    group by document_key, kind, entity_id, book, currency, functional_currency, period, posted_on, grouping_kind,
        grouping_key, channel, charged_account, own_account, order_id, order_line_id, sku_id, tax_code, side
),
counted as (
    select s.*, case when s.kind = 'invoice' and s.own_account = 'revenue_goods' then coalesce(p.quantity, 0) else 0 end as quantity
    from sold as s
    left join pieces as p
        on s.order_id = p.order_key and s.order_line_id = p.line_id and coalesce(s.sku_id, '') = coalesce(p.sku_id, '')
),
mapped as (
    select c.*, r.role, coalesce(m.erp_account, g.erp_account) as erp_account,
        coalesce(case when case when m.erp_account is not null then m.tax_code else g.tax_code end = 'by_rate' then t.theirs
                      when case when m.erp_account is not null then m.tax_code else g.tax_code end = 'own' then c.tax_code
                      when m.erp_account is not null then m.tax_code
                      else g.tax_code end, '') as erp_tax_code,
        coalesce(mc.erp_account, gc.erp_account) as erp_charged,
        coalesce(v.theirs, c.channel) as party,
        case when r.role = 'item' and b.names_products then coalesce(k.theirs, c.sku_id, '') else '' end as product,
        case when r.role = 'item' and c.grouping_kind = 'order' then coalesce(c.order_line_id, '') else '' end as placed,
        coalesce(e.theirs, c.entity_id) as company
    from counted as c
    join document_rules as r on c.kind = r.kind and c.own_account = r.account
    join target_book as b on true
    left join account_map as m on c.own_account = m.account and c.channel = m.channel
    left join account_map as g on c.own_account = g.account and g.channel = ''
    left join account_map as mc on c.charged_account = mc.account and c.channel = mc.channel
    left join account_map as gc on c.charged_account = gc.account and gc.channel = ''
    left join value_map as t on t.kind = 'tax' and c.tax_code = t.ours
    left join value_map as v on v.kind = 'channel' and c.channel = v.ours
    left join value_map as k on k.kind = 'sku' and c.sku_id = k.ours
    left join value_map as e on e.kind = 'entity' and c.entity_id = e.ours
),
items as (
    select document_key, max(kind) as kind, erp_account, product, placed, own_account = 'revenue_shipping' as is_freight, side,
        sum_exact(amount_minor) as amount_minor, sum_exact(functional_minor) as functional_minor,
        sum_exact(quantity) as quantity
    from mapped where role = 'item'
    group by document_key, erp_account, product, placed, own_account = 'revenue_shipping', side
),
-- A line of nothing has no sign of its own, and takes that of its document: so it is read back from an ERP.
signed as (
    select i.*, abs(amount_minor) as net_minor,
        case when amount_minor < 0 or (amount_minor = 0 and kind = 'credit_note') then -1 else 1 end as sign,
        case when amount_minor > 0 and quantity > 0 then quantity else 1 end as pieces
    from items as i where amount_minor <> 0 or functional_minor <> 0
),
documents as (
    select distinct m.document_key, m.kind, m.entity_id, m.company, m.book, m.period, m.posted_on, m.currency,
        m.functional_currency, m.party, m.erp_charged, m.grouping_kind, m.grouping_key, s.of_minor, s.units
    from mapped as m join price_steps as s on m.currency = s.currency
),
cut_off as (
    select g.document_key, g.erp_account, g.product, g.placed, g.is_freight, g.net_minor, g.sign, g.pieces,
        product_exact(g.sign, g.functional_minor) as functional_minor, d.of_minor, d.units,
        product_exact(share_floor(g.net_minor, d.units, g.pieces), d.of_minor // d.units) as price_e6
    from signed as g join documents as d on g.document_key = d.document_key
),
-- Pieces times price that end in half a cent are rounded up by one ERP and to the even cent by another: one step less, and
-- there is no half.
priced as (
    select document_key, erp_account, product, placed, is_freight, net_minor, functional_minor, sign, pieces, of_minor,
        case when product_exact(pieces, price_e6) % of_minor = of_minor // 2 then price_e6 - of_minor // units
             else price_e6 end as price_e6
    from cut_off
),
multiplied as (
    select *, half_up_div(product_exact(pieces, price_e6), of_minor) as price_minor from priced
),
-- What a price leaves of a line takes its share of the company's amount with it.
shared as (
    select *,
        case when price_minor = net_minor then functional_minor
             else share_floor(greatest(functional_minor, 0), price_minor, greatest(net_minor, 1)) end as price_functional
    from multiplied
),
bases as (
    select document_key, tax_code, side, sum_exact(amount_minor) as base_minor
    from mapped where role = 'item' group by document_key, tax_code, side
),
taxed as (
    select document_key, erp_account, erp_tax_code, tax_code, side, sum_exact(amount_minor) as amount_minor,
        sum_exact(functional_minor) as functional_minor
    from mapped where role = 'tax' group by document_key, erp_account, erp_tax_code, tax_code, side
),
-- Tax of one side is on all there is, also on what is of the other side and too small to be taxed.
sided as (
    select *, min(case when amount_minor <> 0 then side end) over (partition by document_key, coalesce(tax_code, '')) as least_side,
        max(case when amount_minor <> 0 then side end) over (partition by document_key, coalesce(tax_code, '')) as most_side
    from taxed
),
taxed_bases as (
    select t.document_key, t.erp_account, t.erp_tax_code, t.tax_code, t.side, max(t.amount_minor) as amount_minor,
        max(t.functional_minor) as functional_minor, sum_exact(coalesce(b.base_minor, 0)) as base_minor
    from sided as t
    left join bases as b
        on t.document_key = b.document_key and coalesce(t.tax_code, '') = coalesce(b.tax_code, '')
        and (t.least_side = t.most_side or t.side = b.side)
    group by t.document_key, t.erp_account, t.erp_tax_code, t.tax_code, t.side
),
tax_sums as (
    select document_key, erp_account, erp_tax_code, side, sum_exact(base_minor) as of_minor,
        sum_exact(amount_minor) as tax_minor, sum_exact(functional_minor) as tax_functional
    from taxed_bases group by document_key, erp_account, erp_tax_code, side
),
lines as (
    select document_key, 1 as rank, 'total' as role, '' as erp_account, '' as product, '' as placed, '' as line_text,
        0 as quantity, 0 as price_e6, '' as erp_tax_code, 0 as base_minor, -sum_exact(amount_minor) as amount_minor,
        -sum_exact(functional_minor) as functional_minor
    from mapped group by document_key
    union all
    select document_key, 2 as rank, 'item' as role, erp_account, product, placed,
        case when is_freight then 'freight' else product end as line_text,
        product_exact(sign, pieces) as quantity, price_e6, '' as erp_tax_code, 0 as base_minor,
        product_exact(sign, price_minor) as amount_minor, product_exact(sign, price_functional) as functional_minor
    from shared
    union all
    select document_key, 3 as rank, 'item' as role, erp_account, '' as product, '' as placed, 'rounding' as line_text,
        max(sign) as quantity, product_exact(sum_exact(net_minor - price_minor), max(of_minor)) as price_e6,
        '' as erp_tax_code, 0 as base_minor, product_exact(max(sign), sum_exact(net_minor - price_minor)) as amount_minor,
        product_exact(max(sign), sum_exact(functional_minor - price_functional)) as functional_minor
    from shared where net_minor <> price_minor group by document_key, erp_account, sign
    union all
    select document_key, 4 as rank, 'tax' as role, erp_account, '' as product, '' as placed, '' as line_text, 0 as quantity,
        0 as price_e6, erp_tax_code, of_minor as base_minor, tax_minor as amount_minor,
        tax_functional as functional_minor
    from tax_sums where tax_minor <> 0 or tax_functional <> 0
)
select
    cast(substr(sha256(l.document_key), 1, 16) as varchar) as document_id,
    cast(d.kind as varchar) as kind,
    cast(row_number() over (partition by l.document_key
                            order by l.rank, l.erp_account, l.product, l.placed, l.line_text, l.erp_tax_code, l.amount_minor) as bigint) as line_no,
    cast(d.entity_id as varchar) as entity_id,
    cast(d.company as varchar) as company,
    cast(d.book as varchar) as book,
    cast(d.period as varchar) as period,
    cast(d.posted_on as date) as posted_on,
    cast(regexp_replace(case when d.grouping_kind = 'order' then 'order ' when d.grouping_kind = 'batch' then 'settlement ' else '' end
         || replace(d.grouping_key, ':', ' '), '[,"\r\n\t]', ' ', 'g') as varchar) as reference,
    cast(d.currency as varchar) as currency,
    cast(d.functional_currency as varchar) as functional_currency,
    cast(case when l.role = 'total' then d.erp_charged else l.erp_account end as varchar) as account,
    cast(-l.functional_minor as bigint) as functional_minor,
    cast(-l.amount_minor as bigint) as amount_minor,
    cast(l.role as varchar) as role,
    cast(d.party as varchar) as party,
    cast(l.product as varchar) as product,
    cast(l.line_text as varchar) as line_text,
    cast(l.quantity as bigint) as quantity,
    cast(l.price_e6 as bigint) as price_e6,
    cast(l.erp_tax_code as varchar) as tax_code,
    cast(l.base_minor as bigint) as base_minor
from lines as l join documents as d on l.document_key = d.document_key
