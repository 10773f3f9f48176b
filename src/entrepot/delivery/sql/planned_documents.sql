-- One row a document, with a hash of everything that is sent: a plan made again from the same books finds it unchanged.
-- A party or product has no day of its own, so its hash has none. A payment's hash holds those of what it settles: it is
-- taken back and sent anew with them.
with hashed as (
    select document_id, max(kind) as kind, max(entity_id) as entity_id, max(company) as company, max(book) as book,
        max(period) as period, max(posted_on) as posted_on, max(text) as text, max(currency) as currency,
        max(functional_currency) as functional_currency, count(*) as lines,
        sum_exact(case when functional_minor > 0 then functional_minor else 0 end) as debit_minor,
        sha256(string_agg(concat_ws('|', company, case when role in ('party', 'product') then '' else cast(posted_on as varchar) end,
                                    text, currency, functional_currency, account,
                                    cast(functional_minor as varchar), cast(amount_minor as varchar),
                                    case when party <> '' then party end,
                                    case when role <> '' then concat_ws('|', role, product, line_text, cast(quantity as varchar),
                                                                        cast(price_e6 as varchar), tax_code,
                                                                        cast(base_minor as varchar)) end,
                                    case when settles <> '' then 'settles ' || settles end),
                          ';' order by line_no)) as payload_hash
    from planned_lines
    group by document_id
),
paid as (select distinct document_id, settles from planned_lines where settles <> ''),
settled as (
    select p.document_id, string_agg(h.payload_hash, ';' order by p.settles) as hashes
    from paid as p join hashed as h on p.settles = h.document_id
    group by p.document_id
)
select
    cast(h.document_id as varchar) as document_id,
    cast(h.kind as varchar) as kind,
    cast(h.entity_id as varchar) as entity_id,
    cast(h.company as varchar) as company,
    cast(h.book as varchar) as book,
    cast(h.period as varchar) as period,
    cast(h.posted_on as date) as posted_on,
    cast(h.text as varchar) as text,
    cast(h.currency as varchar) as currency,
    cast(h.functional_currency as varchar) as functional_currency,
    cast(h.lines as bigint) as lines,
    cast(h.debit_minor as bigint) as debit_minor,
    cast(case when s.hashes is null then h.payload_hash else sha256(h.payload_hash || s.hashes) end as varchar) as payload_hash
from hashed as h left join settled as s on h.document_id = s.document_id
