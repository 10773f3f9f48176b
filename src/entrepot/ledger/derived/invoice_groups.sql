-- Fees of a month and the invoices that could be for them: the invoice of a platform's company, or all of its invoices of a month, over
-- exactly what it took in a month, for one kind of fee, for one shop or for all.
with issuers as (select distinct fee_channel, fee_codes from invoice_book where side = 'received'),
fee_lines as (
    select s.line_id, s.channel, s.shop_channel, s.shop, s.entity_id, s.fee_code, substr(cast(s.booked_on as varchar), 1, 7) as month,
        cast(date_trunc('month', s.booked_on) as date) as begins_on, last_day(s.booked_on) as ends_on, -s.amount_minor as gross_minor,
        vat_inside(-s.amount_minor, s.vat_rate_bp) as vat_minor, i.fee_codes
    from settled as s
    join issuers as i on s.channel = i.fee_channel and (i.fee_codes = '' or contains(' ' || i.fee_codes || ' ', ' ' || s.fee_code || ' '))
    where s.kind = 'fee' and s.vat_rate_bp > 0 and s.currency = 'CNY' and s.entity_id is not null
),
groups as (
    select channel, fee_codes, entity_id, month, shop, fee_code, min(begins_on) as begins_on, min(ends_on) as ends_on, sum_exact(gross_minor) as gross_minor
    from fee_lines group by channel, fee_codes, entity_id, month, shop, fee_code
    union all
    select channel, fee_codes, entity_id, month, shop, cast(null as varchar) as fee_code, begins_on, ends_on, gross_minor
    from (select channel, fee_codes, entity_id, month, shop, min(begins_on) as begins_on, min(ends_on) as ends_on, sum_exact(gross_minor) as gross_minor,
                 count(distinct fee_code) as codes
          from fee_lines group by channel, fee_codes, entity_id, month, shop) as g
    where codes > 1
    union all
    select channel, fee_codes, entity_id, month, cast(null as varchar) as shop, cast(null as varchar) as fee_code, begins_on, ends_on, gross_minor
    from (select channel, fee_codes, entity_id, month, min(begins_on) as begins_on, min(ends_on) as ends_on, sum_exact(gross_minor) as gross_minor,
                 count(distinct shop) as shops
          from fee_lines group by channel, fee_codes, entity_id, month) as g
    where shops > 1
),
received as (
    select invoice_key, fee_channel, fee_codes, issued_on, gross_minor, substr(cast(issued_on as varchar), 1, 7) as month
    from invoice_book where side = 'received' and gross_minor <> 0
),
sets as (
    select 'one|' || invoice_key as heap, fee_channel, fee_codes, issued_on, gross_minor from received
    union all
    select 'month|' || fee_channel || '|' || fee_codes || '|' || month as heap, fee_channel, fee_codes, max(issued_on) as issued_on, sum_exact(gross_minor) as gross_minor
    from received group by fee_channel, fee_codes, month having count(*) > 1
),
likely as (
    select s.heap, starts_with(s.heap, 'month|') as is_sum, g.channel, g.fee_codes, g.entity_id, g.month, g.shop, g.fee_code,
        digest(concat_ws('|', s.heap, g.channel, g.fee_codes, g.entity_id, g.month, coalesce(g.shop, ''), coalesce(g.fee_code, ''))) as bundle
    from sets as s cross join policy_values as v
    join groups as g on s.fee_channel = g.channel and s.fee_codes = g.fee_codes and s.gross_minor = g.gross_minor
        and s.issued_on >= g.begins_on and date_diff('day', g.ends_on, s.issued_on) <= v.invoice_days_max
),
of_invoices as (
    select l.bundle, l.is_sum, r.invoice_key from likely as l
    join received as r on l.channel = r.fee_channel and l.fee_codes = r.fee_codes
        and (l.heap = 'one|' || r.invoice_key or l.heap = 'month|' || r.fee_channel || '|' || r.fee_codes || '|' || r.month)
),
of_fees as (
    select l.bundle, l.is_sum, f.line_id from likely as l
    join fee_lines as f on l.channel = f.channel and l.fee_codes = f.fee_codes and l.entity_id = f.entity_id and l.month = f.month
        and (l.shop is null or l.shop = f.shop) and (l.fee_code is null or l.fee_code = f.fee_code)
)
select 'invoice' as part, o.bundle, o.is_sum, o.invoice_key as item, r.issued_on, l.entity_id, l.channel, l.shop, l.month
from of_invoices as o
join likely as l on o.bundle = l.bundle
join (select distinct invoice_key, issued_on from received) as r on o.invoice_key = r.invoice_key
union all
select 'fee' as part, f.bundle, f.is_sum, f.line_id as item, cast(null as date) as issued_on, l.entity_id, l.channel, l.shop, l.month
from of_fees as f join likely as l on f.bundle = l.bundle
