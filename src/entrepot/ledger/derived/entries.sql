-- All postings with what every posting has: line number, functional amount, period. What rounding leaves of an entry's
-- functional amounts goes to its largest line, so that the entry is zero in the entity's currency too.
with numbered as (
    select p.*, p.posting_rule || ':' || p.cause_id as entry_id,
        row_number() over (partition by p.posting_rule, p.cause_id, p.currency
                           order by p.slot, p.account, coalesce(p.order_line_id, '')) as line_no,
        e.functional_currency
    from booked as p join legal_entities as e on p.entity_id = e.entity_id
    where p.amount_minor <> 0
),
rated as (
    select n.*,
        case when n.currency = n.functional_currency then n.amount_minor
             -- A currency without a rate is the exception `fx_missing`; its entries stay zero in the entity's currency.
             when f.per_euro_e6 is null or t.per_euro_e6 is null then 0
             else half_up_div(product_exact(product_exact(n.amount_minor, t.per_euro_e6), s.to_scale),
                              product_exact(f.per_euro_e6, s.from_scale)) end as raw_minor,
        case when n.currency = n.functional_currency then null
             when f.per_euro_e6 is null or t.per_euro_e6 is null then 'missing'
             when f.currency = 'EUR' then t.rate_source || ':' || cast(t.rate_on as varchar)
             else f.rate_source || ':' || cast(f.rate_on as varchar) end as fx_rate_id
    from numbered as n
    left join fx_days as f on n.currency = f.currency and n.accounting_date = f.on_day
    left join fx_days as t on n.functional_currency = t.currency and n.accounting_date = t.on_day
    left join currency_scales as s on n.currency = s.from_currency and n.functional_currency = s.to_currency
),
balanced as (
    select *,
        sum_exact(raw_minor) over (partition by entry_id, currency) as rest_minor,
        row_number() over (partition by entry_id, currency order by abs(raw_minor) desc nulls last, line_no) as largest
    from rated
)
select
    cast(entry_id || case when cause_kind = 'order' and posting_rule = 'cost' then ':' || currency else '' end as varchar) as entry_id,
    cast(line_no as bigint) as line_no,
    cast(entity_id as varchar) as entity_id,
    cast('local' as varchar) as book,
    cast(account as varchar) as account,
    cast(amount_minor as bigint) as amount_minor,
    cast(currency as varchar) as currency,
    cast(raw_minor - case when largest = 1 then rest_minor else 0 end as bigint) as functional_minor,
    cast(functional_currency as varchar) as functional_currency,
    cast(fx_rate_id as varchar) as fx_rate_id,
    cast(document_date as date) as document_date,
    cast(accounting_date as date) as accounting_date,
    cast(substr(cast(accounting_date as varchar), 1, 7) as varchar) as period,
    cast(d.fiscal_period as varchar) as fiscal_period,
    cast(posting_rule as varchar) as posting_rule,
    cast(rule_version as varchar) as rule_version,
    cast(cause_kind as varchar) as cause_kind,
    cast(cause_id as varchar) as cause_id,
    cast(order_key as varchar) as order_id,
    cast(order_line_id as varchar) as order_line_id,
    cast(sku_id as varchar) as sku_id,
    cast(channel as varchar) as channel,
    cast(shop as varchar) as shop,
    cast(channel as varchar) as counterparty_id,
    cast(tax_code as varchar) as tax_code,
    cast(wallet_id as varchar) as wallet_id,
    cast(null as varchar) as reversal_of,
    cast(null as varchar) as voucher_no,
    cast(posted_at as timestamptz) as posted_at
from balanced as b left join fiscal_days as d on b.accounting_date = d.on_day
