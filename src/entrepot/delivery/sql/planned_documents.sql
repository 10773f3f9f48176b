-- One row a document, with a hash of everything that is sent: a plan made again from the same books finds it unchanged.
-- A party or product has no day of its own, so its hash has none.
select
    cast(document_id as varchar) as document_id,
    cast(max(kind) as varchar) as kind,
    cast(max(entity_id) as varchar) as entity_id,
    cast(max(company) as varchar) as company,
    cast(max(book) as varchar) as book,
    cast(max(period) as varchar) as period,
    cast(max(posted_on) as date) as posted_on,
    cast(max(text) as varchar) as text,
    cast(max(currency) as varchar) as currency,
    cast(max(functional_currency) as varchar) as functional_currency,
    cast(count(*) as bigint) as lines,
    cast(sum_exact(case when functional_minor > 0 then functional_minor else 0 end) as bigint) as debit_minor,
    cast(sha256(string_agg(concat_ws('|', company, case when role in ('party', 'product') then '' else cast(posted_on as varchar) end,
                                     text, currency, functional_currency, account,
                                     cast(functional_minor as varchar), cast(amount_minor as varchar),
                                     case when party <> '' then party end,
                                     case when role <> '' then concat_ws('|', role, product, line_text, cast(quantity as varchar),
                                                                         cast(price_e6 as varchar), tax_code,
                                                                         cast(base_minor as varchar)) end),
                           ';' order by line_no)) as varchar) as payload_hash
from planned_lines
group by document_id
