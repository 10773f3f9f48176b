-- Tax invoices with what they count and whose they are: ours by the seller's tax number, or those of a company that
-- invoices a platform's fees. A void one counts nothing, and so does one that was taken back by a red one that is not there.
with issuers as (
    select channel, coalesce(fee_codes, '') as fee_codes, seller_name, seller_tax_no from invoice_issuers
    union
    -- What a company says of an issuer stands instead of what is shipped.
    select s.channel, coalesce(s.fee_codes, '') as fee_codes, s.seller_name, s.seller_tax_no
    from shipped_issuers as s left join invoice_issuers as i on s.channel = i.channel and s.seller_name = i.seller_name
    where i.channel is null
),
reds as (select distinct corrects_key from invoices where is_red = 'yes' and corrects_key is not null and state <> 'voided'),
counted as (
    select i.invoice_key, i.order_id, i.is_red, i.corrects_key, i.currency, i.seller_name, i.seller_tax_no, day_in_beijing(i.issued_at) as issued_on, i.seen_at,
        i.state = 'voided' or (i.state = 'reversed' and i.is_red = 'no' and r.corrects_key is null) as is_void, i.gross_minor, i.tax_minor
    from invoices as i left join reds as r on i.invoice_key = r.corrects_key
),
ours as (
    select c.invoice_key, min(h.entity_id) as entity_id from counted as c
    join legal_entities as h on contains(' ' || h.tax_registrations || ' ', ' ' || c.seller_tax_no || ' ')
    group by c.invoice_key
),
theirs as (
    select distinct c.invoice_key, s.channel, s.fee_codes from counted as c
    join issuers as s on (s.seller_tax_no is not null and c.seller_tax_no = s.seller_tax_no) or c.seller_name = s.seller_name
)
select c.invoice_key, case when o.invoice_key is not null or t.invoice_key is null then 'issued' else 'received' end as side,
    o.entity_id, case when o.invoice_key is null then t.channel end as fee_channel, case when o.invoice_key is null then t.fee_codes end as fee_codes,
    c.order_id, c.corrects_key, c.currency, c.issued_on, c.seen_at,
    case when c.is_void then 0 else c.gross_minor end as gross_minor, case when c.is_void then 0 else c.tax_minor end as tax_minor
from counted as c
left join ours as o on c.invoice_key = o.invoice_key
left join theirs as t on c.invoice_key = t.invoice_key
