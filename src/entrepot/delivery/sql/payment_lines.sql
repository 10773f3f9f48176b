-- Lines of payments: the entries of which invoices and credit notes take lines, by payment (`document_parts`). What the
-- entry has beside those lines, such as the advance of the buyer, pays; a line for each document that is paid takes the
-- account that this document charges, and names it in `settles`. `charged_account` is the line's own where no document takes it.
-- In another currency debits and credits stay apart there, as in journals.
with keyed as (
    select p.*, case when p.currency = p.functional_currency then 0 when p.amount_minor > 0 then 1 when p.amount_minor < 0 then -1 else 0 end as side,
        coalesce(v.theirs, p.channel) as party, coalesce(e.theirs, p.entity_id) as company,
        coalesce(m.erp_account, g.erp_account) as erp_account
    from document_parts as p
    left join account_map as m on p.charged_account = m.account and p.channel = m.channel
    left join account_map as g on p.charged_account = g.account and g.channel = ''
    left join value_map as v on v.kind = 'channel' and p.channel = v.ours
    left join value_map as e on e.kind = 'entity' and p.entity_id = e.ours
    where p.payment_key is not null
),
heads as (
    select payment_key, max(entity_id) as entity_id, max(company) as company, max(book) as book, max(period) as period,
        max(paid_on) as posted_on, max(currency) as currency,
        max(functional_currency) as functional_currency, max(payment_grouping) as payment_grouping,
        max(payment_group) as payment_group
    from keyed group by payment_key
),
lines as (
    select payment_key, erp_account, '' as party, '' as settles, sum_exact(-amount_minor) as amount_minor,
        sum_exact(-functional_minor) as functional_minor
    from keyed where document_key is null group by payment_key, erp_account, side
    union all
    select payment_key, erp_account, party, substr(sha256(document_key), 1, 16) as settles,
        sum_exact(-amount_minor) as amount_minor, sum_exact(-functional_minor) as functional_minor
    from keyed where document_key is not null group by payment_key, erp_account, party, document_key
)
select
    cast(substr(sha256(l.payment_key), 1, 16) as varchar) as document_id,
    cast(row_number() over (partition by l.payment_key order by l.settles, l.erp_account, l.party, l.amount_minor) as bigint) as line_no,
    cast(h.entity_id as varchar) as entity_id,
    cast(h.company as varchar) as company,
    cast(h.book as varchar) as book,
    cast(h.period as varchar) as period,
    cast(h.posted_on as date) as posted_on,
    cast(regexp_replace(case when h.payment_grouping = 'order' then 'order ' when h.payment_grouping = 'batch' then 'settlement ' else '' end
         || replace(h.payment_group, ':', ' '), '[,"\r\n\t]', ' ', 'g') as varchar) as reference,
    cast(h.currency as varchar) as currency,
    cast(h.functional_currency as varchar) as functional_currency,
    cast(l.erp_account as varchar) as account,
    cast(l.functional_minor as bigint) as functional_minor,
    cast(l.amount_minor as bigint) as amount_minor,
    cast(l.party as varchar) as party,
    cast(l.settles as varchar) as settles
from lines as l join heads as h on l.payment_key = h.payment_key
where l.amount_minor <> 0 or l.functional_minor <> 0
