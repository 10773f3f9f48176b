-- Accounts and tax codes of the period that the mapping does not name.
with taxed as (
    select distinct e.account, coalesce(e.channel, '') as channel, e.tax_code
    from journal_entries as e
    union
    select distinct e.own_account as account, coalesce(e.channel, '') as channel, e.own_tax_code as tax_code
    from journal_entries as e
    where e.document_kind is not null
),
resolved as (
    select x.account, x.tax_code, coalesce(m.erp_account, g.erp_account) as erp_account,
           case when m.erp_account is not null then m.tax_code else g.tax_code end as tax_word
    from taxed as x
    left join account_map as m on x.account = m.account and x.channel = m.channel
    left join account_map as g on x.account = g.account and g.channel = ''
)
select cast('account ' || account as varchar) as name from resolved where erp_account is null
union
select cast('tax ' || r.tax_code as varchar) as name
from resolved as r left join value_map as t on t.kind = 'tax' and r.tax_code = t.ours
where r.tax_word = 'by_rate' and r.tax_code is not null and t.theirs is null
