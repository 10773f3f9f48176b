-- P&L by channel, shop, SKU, month, fiscal period, line and account, in the reporting currency. Translated per accounting date, shop,
-- SKU, account and currency, then added up: docs/reference/accounting.md, 7.
with posted as (
    -- Only some platforms name a SKU on a fee, so a SKU's account ends with its gross margin.
    select e.channel, e.shop, case when a.pnl_line in ('revenue_goods', 'refunds', 'cogs') then e.sku_id end as sku_id,
           e.accounting_date, e.fiscal_period, a.pnl_line, e.account,
           -- Exchange differences have no amount but that in the company's own currency.
           case when a.pnl_line = 'fx_difference' then e.functional_currency else e.currency end as currency,
           case when a.pnl_line = 'fx_difference' then -e.functional_minor else -e.amount_minor end as amount_minor,
           coalesce(p.has_cost, true) as has_cost
    from ledger_entries as e
    join accounts as a on e.account = a.account
    -- A line of a bundle is a piece for each of its SKUs.
    left join order_pieces as p
        on e.order_id = p.order_key and e.order_line_id = p.line_id and coalesce(e.sku_id, '') = coalesce(p.sku_id, '')
    where a.pnl_line is not null and e.book = 'local'
),
counted as (
    select channel, shop, sku_id, accounting_date, fiscal_period, currency, pnl_line, account, amount_minor from posted
    union all
    -- Revenue whose cost is unknown stands outside margin: it is taken out again on a line of its own.
    select channel, shop, sku_id, accounting_date, fiscal_period, currency, 'revenue_without_cost' as pnl_line, account,
           -amount_minor as amount_minor
    from posted where not has_cost and pnl_line in ('revenue_goods', 'refunds')
),
daily as (
    select channel, shop, sku_id, accounting_date, fiscal_period, currency, pnl_line,
           case when pnl_line = 'fees' then account else pnl_line end as detail, sum_exact(amount_minor) as amount_minor
    from counted
    group by channel, shop, sku_id, accounting_date, fiscal_period, currency, pnl_line,
             case when pnl_line = 'fees' then account else pnl_line end
),
translated as (
    select d.channel, d.shop, d.sku_id, d.accounting_date, d.fiscal_period, d.pnl_line, d.detail,
        case when d.currency = r.reporting_currency then d.amount_minor
             when f.per_euro_e6 is null or t.per_euro_e6 is null then 0  -- the exception `fx_missing`
             else half_up_div(product_exact(product_exact(d.amount_minor, t.per_euro_e6), s.to_scale),
                              product_exact(f.per_euro_e6, s.from_scale)) end as amount_minor,
        r.reporting_currency
    from daily as d
    cross join reporting as r
    left join currency_scales as s on d.currency = s.from_currency and r.reporting_currency = s.to_currency
    left join fx_days as f on d.currency = f.currency and d.accounting_date = f.on_day
    left join fx_days as t on r.reporting_currency = t.currency and d.accounting_date = t.on_day
)
select
    cast(channel as varchar) as channel,
    cast(shop as varchar) as shop,
    cast(sku_id as varchar) as sku_id,
    cast(substr(cast(accounting_date as varchar), 1, 7) as varchar) as month,
    cast(fiscal_period as varchar) as fiscal_period,
    cast(pnl_line as varchar) as line,
    cast(detail as varchar) as detail,
    cast(sum_exact(amount_minor) as bigint) as amount_minor,
    cast(reporting_currency as varchar) as currency
from translated
group by channel, shop, sku_id, substr(cast(accounting_date as varchar), 1, 7), fiscal_period, pnl_line, detail, reporting_currency
