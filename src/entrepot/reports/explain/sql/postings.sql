-- The postings behind figures of the P&L, each with its part of the figure in the reporting currency. The report translates
-- the sum of a day, shop, SKU, account and currency and rounds once; here each posting gets what the running sum grows by,
-- so that the parts add up to the report's figure exactly. `asked` has one row: what is null there, is not asked for.
with pieces as (
    -- A line of a bundle has a piece for each of its SKUs.
    select order_key, line_id, sku_id, bool_and(has_cost) as has_cost
    from order_pieces where line_id is not null group by order_key, line_id, sku_id
),
posted as (
    select e.entry_id, e.line_no, e.posting_rule, e.cause_kind, e.cause_id, e.order_id, e.channel, e.shop,
           case when a.pnl_line in ('revenue_goods', 'refunds', 'cogs') then e.sku_id end as sku_id,
           e.accounting_date, e.fiscal_period, e.currency, a.pnl_line, e.account, -e.amount_minor as amount_minor,
           coalesce(p.has_cost, true) as has_cost
    from ledger_entries as e
    join accounts as a on e.account = a.account
    cross join asked as k
    left join pieces as p on e.order_id = p.order_key and e.order_line_id = p.line_id and e.sku_id is not distinct from p.sku_id
    where a.pnl_line is not null and e.book = 'local'
      and (k.month is null or substr(cast(e.accounting_date as varchar), 1, 7) = k.month)
      and (k.fiscal_period is null or e.fiscal_period = k.fiscal_period)
      and (k.channel is null or coalesce(e.channel, '-') = k.channel)
      and (k.shop is null or coalesce(e.shop, '-') = k.shop)
      and (k.sku_id is null or k.sku_id = '-' or e.sku_id = k.sku_id)
),
counted as (
    select entry_id, line_no, posting_rule, cause_kind, cause_id, order_id, channel, shop, sku_id, accounting_date,
           fiscal_period, currency, pnl_line, account, amount_minor
    from posted
    union all
    select entry_id, line_no, posting_rule, cause_kind, cause_id, order_id, channel, shop, sku_id, accounting_date,
           fiscal_period, currency, 'revenue_without_cost' as pnl_line, account, -amount_minor as amount_minor
    from posted where not has_cost and pnl_line in ('revenue_goods', 'refunds')
),
detailed as (
    select *, case when pnl_line = 'fees' then account else pnl_line end as detail from counted
),
running as (
    select *,
        sum_exact(amount_minor) over (
            partition by channel, shop, sku_id, accounting_date, fiscal_period, currency, pnl_line, detail
            order by entry_id, line_no rows between unbounded preceding and current row) as after_minor
    from detailed
),
bounds as (select *, after_minor - amount_minor as before_minor from running),
translated as (
    select b.*, r.reporting_currency,
        case when b.currency = r.reporting_currency then b.amount_minor
             when f.per_euro_e6 is null or t.per_euro_e6 is null then 0  -- the exception `fx_missing`
             else half_up_div(product_exact(product_exact(b.after_minor, t.per_euro_e6), s.to_scale),
                              product_exact(f.per_euro_e6, s.from_scale))
                - half_up_div(product_exact(product_exact(b.before_minor, t.per_euro_e6), s.to_scale),
                              product_exact(f.per_euro_e6, s.from_scale)) end as reported_minor
    from bounds as b
    cross join reporting as r
    left join currency_scales as s on b.currency = s.from_currency and r.reporting_currency = s.to_currency
    left join fx_days as f on b.currency = f.currency and b.accounting_date = f.on_day
    left join fx_days as t on r.reporting_currency = t.currency and b.accounting_date = t.on_day
)
select
    cast(substr(cast(accounting_date as varchar), 1, 7) as varchar) as month,
    cast(fiscal_period as varchar) as fiscal_period,
    cast(coalesce(channel, '-') as varchar) as channel,
    cast(coalesce(shop, '-') as varchar) as shop,
    cast(sku_id as varchar) as sku_id,
    cast(pnl_line as varchar) as line,
    cast(account as varchar) as account,
    cast(posting_rule as varchar) as posting_rule,
    cast(case when order_id is not null then 'order' else cause_kind end as varchar) as cause_kind,
    cast(coalesce(order_id, cause_id) as varchar) as cause,
    cast(entry_id as varchar) as entry_id,
    cast(line_no as bigint) as line_no,
    cast(accounting_date as date) as accounting_date,
    cast(amount_minor as bigint) as posted_minor,
    cast(currency as varchar) as posted_currency,
    cast(reported_minor as bigint) as amount_minor,
    cast(reporting_currency as varchar) as currency
from translated
