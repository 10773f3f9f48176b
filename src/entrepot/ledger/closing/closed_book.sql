-- What is kept for good once a period is closed: what was kept before, every entry up to the last day, and what is
-- posted on closing. Each entry that has none gets its voucher number: without gaps per company and period, by day.
with lines as (
    select o.* from open_entries as o join closing_entities as e on o.entity_id = e.entity_id
    cross join closing as c where o.accounting_date <= c.ends_on
    union all
    select * from kept_entries
    union all
    select * from closing_entries
),
numbers_given as (
    select entity_id, fiscal_period, count(distinct voucher_no) as given
    from kept_entries where voucher_no is not null group by entity_id, fiscal_period
),
unnumbered as (
    select l.entity_id, l.fiscal_period, l.entry_id, min(l.accounting_date) as on_day
    from lines as l join closing_entities as e on l.entity_id = e.entity_id cross join closing as c
    where l.voucher_no is null and l.accounting_date <= c.ends_on
    group by l.entity_id, l.fiscal_period, l.entry_id
),
numbered as (
    select u.entity_id, u.fiscal_period, u.entry_id,
        row_number() over (partition by u.entity_id, u.fiscal_period order by u.on_day, u.entry_id)
            + coalesce(g.given, 0) as n
    from unnumbered as u
    left join numbers_given as g on u.entity_id = g.entity_id and u.fiscal_period = g.fiscal_period
)
select l.entry_id, l.line_no, l.entity_id, l.book, l.account, l.amount_minor, l.currency, l.functional_minor,
       l.functional_currency, l.fx_rate_id, l.document_date, l.accounting_date, l.period, l.fiscal_period, l.posting_rule,
       l.rule_version, l.cause_kind, l.cause_id, l.order_id, l.order_line_id, l.sku_id, l.channel, l.shop,
       l.counterparty_id, l.tax_code, l.wallet_id, l.reversal_of,
       cast(coalesce(l.voucher_no, n.fiscal_period || '-' || lpad(cast(n.n as varchar), 7, '0')) as varchar) as voucher_no,
       l.posted_at
from lines as l
left join numbered as n
    on l.voucher_no is null and l.entity_id = n.entity_id and l.fiscal_period = n.fiscal_period and l.entry_id = n.entry_id
