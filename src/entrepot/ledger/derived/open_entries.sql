-- Entries of days that are still open. A closed day keeps its entries: what the tables now say otherwise about it, also
-- what they say for the first time, is posted as the difference on the first open day and names the entry it corrects.
-- `books_open` has that day for each company that ever closed; `replayed_rules` names the rules whose entries follow from the tables.
with frozen as (
    select k.*, case when k.posting_rule = 'restatement' then k.cause_id else k.entry_id end as of_entry
    from kept_entries as k
    where k.posting_rule in (select posting_rule from replayed_rules)
),
closed as (
    select e.* from entries as e left join books_open as b on e.entity_id = b.entity_id
    where e.accounting_date < b.open_from or e.entry_id in (select of_entry from frozen)
),
still_open as (
    select e.* from entries as e left join books_open as b on e.entity_id = b.entity_id
    where (b.open_from is null or e.accounting_date >= b.open_from) and e.entry_id not in (select of_entry from frozen)
),
both_sides as (
    select entry_id as of_entry, 1 as is_now, entity_id, book, account, currency, functional_currency, order_id, order_line_id,
           sku_id, channel, shop, counterparty_id, tax_code, wallet_id, amount_minor, functional_minor, document_date,
           fx_rate_id, rule_version, posted_at
    from closed
    union all
    select of_entry, 0 as is_now, entity_id, book, account, currency, functional_currency, order_id, order_line_id,
           sku_id, channel, shop, counterparty_id, tax_code, wallet_id, -amount_minor as amount_minor,
           -functional_minor as functional_minor, document_date, fx_rate_id, rule_version, posted_at
    from frozen
),
differences as (
    select of_entry, entity_id, book, account, currency, functional_currency, order_id, order_line_id, sku_id, channel, shop,
           counterparty_id, tax_code, wallet_id,
           sum_exact(amount_minor) as amount_minor, sum_exact(functional_minor) as functional_minor,
           sum_exact(case when is_now = 1 then abs(amount_minor) else 0 end) as now_minor,
           sum_exact(case when is_now = 1 then abs(functional_minor) else 0 end) as now_functional,
           min(document_date) as document_date, max(fx_rate_id) filter (where is_now = 1) as fx_rate_id,
           max(rule_version) filter (where is_now = 1) as rule_version, max(posted_at) as posted_at
    from both_sides
    group by of_entry, entity_id, book, account, currency, functional_currency, order_id, order_line_id, sku_id, channel,
             shop, counterparty_id, tax_code, wallet_id
),
-- Where the rate has changed as well, a difference may be a debit in the one currency and a credit in the other, which no
-- ERP takes. Such an entry is two: what moved, at the rate that holds now, and what the other rate makes of the rest, which
-- is nothing in the currency of the sale.
rated as (
    select *,
        sum_exact(now_minor) over (partition by of_entry, entity_id, book, currency, functional_currency) as rate_of,
        sum_exact(now_functional) over (partition by of_entry, entity_id, book, currency, functional_currency) as rate_to,
        max(case when (amount_minor > 0 and functional_minor < 0) or (amount_minor < 0 and functional_minor > 0) then 1 else 0 end)
            over (partition by of_entry, entity_id, book, currency, functional_currency) = 1 as is_parted
    from differences
    where amount_minor <> 0 or functional_minor <> 0
),
at_rate as (
    select *, case when is_parted then half_up_div(product_exact(amount_minor, rate_to), greatest(rate_of, 1))
                   else functional_minor end as moved_minor
    from rated
),
-- As in any entry, what rounding leaves goes to the largest line.
largest_of as (
    select *, sum_exact(moved_minor) over (partition by of_entry, entity_id, book, currency, functional_currency) as rest_minor,
        row_number() over (partition by of_entry, entity_id, book, currency, functional_currency
                           order by abs(moved_minor) desc, account, coalesce(order_line_id, ''), coalesce(sku_id, ''),
                                    coalesce(tax_code, ''), coalesce(wallet_id, ''), amount_minor, coalesce(channel, ''),
                                    coalesce(shop, '')) as largest
    from at_rate
),
moved as (
    select *, case when is_parted and largest = 1 then moved_minor - rest_minor else moved_minor end as of_amount
    from largest_of
),
parted as (
    select of_entry, '' as part, entity_id, book, account, currency, functional_currency, order_id, order_line_id, sku_id,
           channel, shop, counterparty_id, tax_code, wallet_id, amount_minor, of_amount as functional_minor,
           document_date, fx_rate_id, rule_version, posted_at
    from moved
    union all
    select of_entry, ':rate' as part, entity_id, book, account, currency, functional_currency, order_id, order_line_id, sku_id,
           channel, shop, counterparty_id, tax_code, wallet_id, 0 as amount_minor, functional_minor - of_amount as functional_minor,
           document_date, fx_rate_id, rule_version, posted_at
    from moved where is_parted
),
-- What now belongs to a company that never closed is restated on the day that is open for all.
newest as (select max(open_from) as open_from from books_open),
dated as (
    select d.*, coalesce(b.open_from, n.open_from) as open_from
    from parted as d cross join newest as n left join books_open as b on d.entity_id = b.entity_id
    where d.amount_minor <> 0 or d.functional_minor <> 0
),
restated as (
    select d.*, t.fiscal_period,
        row_number() over (partition by d.of_entry, d.part, d.open_from
                           order by d.currency, d.account, coalesce(d.order_line_id, ''), coalesce(d.sku_id, ''),
                                    coalesce(d.tax_code, ''), coalesce(d.wallet_id, ''), d.amount_minor,
                                    coalesce(d.channel, ''), coalesce(d.shop, ''), d.entity_id) as line_no
    from dated as d left join fiscal_days as t on d.open_from = t.on_day
)
select entry_id, line_no, entity_id, book, account, amount_minor, currency, functional_minor, functional_currency,
       fx_rate_id, document_date, accounting_date, period, fiscal_period, posting_rule, rule_version, cause_kind, cause_id,
       order_id, order_line_id, sku_id, channel, shop, counterparty_id, tax_code, wallet_id, reversal_of, voucher_no,
       posted_at
from still_open
union all
select
    cast('restatement:' || cast(open_from as varchar) || ':' || of_entry || part as varchar) as entry_id,
    cast(line_no as bigint) as line_no,
    cast(entity_id as varchar) as entity_id,
    cast(book as varchar) as book,
    cast(account as varchar) as account,
    cast(amount_minor as bigint) as amount_minor,
    cast(currency as varchar) as currency,
    cast(functional_minor as bigint) as functional_minor,
    cast(functional_currency as varchar) as functional_currency,
    cast(fx_rate_id as varchar) as fx_rate_id,
    cast(document_date as date) as document_date,
    cast(open_from as date) as accounting_date,
    cast(substr(cast(open_from as varchar), 1, 7) as varchar) as period,
    cast(fiscal_period as varchar) as fiscal_period,
    cast('restatement' as varchar) as posting_rule,
    cast(coalesce(rule_version, 'none') as varchar) as rule_version,
    cast('restatement' as varchar) as cause_kind,
    cast(of_entry as varchar) as cause_id,
    cast(order_id as varchar) as order_id,
    cast(order_line_id as varchar) as order_line_id,
    cast(sku_id as varchar) as sku_id,
    cast(channel as varchar) as channel,
    cast(shop as varchar) as shop,
    cast(counterparty_id as varchar) as counterparty_id,
    cast(tax_code as varchar) as tax_code,
    cast(wallet_id as varchar) as wallet_id,
    cast(null as varchar) as reversal_of,
    cast(null as varchar) as voucher_no,
    cast(posted_at as timestamptz) as posted_at
from restated
