-- Who has which part in the P&L: reports/sql/pnl.sql by person, in its currency and to its cent. A day's sum is rounded once, so
-- each posting has what the running sum grows by. The guard turns it into `state` and amounts by cell; a person never leaves.
with buyers as (select distinct person_key, channel from persons where role = 'buyer'),
posted as (
    select e.entry_id, e.line_no, e.channel, e.shop,
           case when a.pnl_line in ('revenue_goods', 'refunds', 'cogs') then e.sku_id end as sku_id,
           e.accounting_date, e.fiscal_period, a.pnl_line, e.account,
           case when a.pnl_line = 'fx_difference' then e.functional_currency else e.currency end as currency,
           case when a.pnl_line = 'fx_difference' then -e.functional_minor else -e.amount_minor end as amount_minor,
           coalesce(p.has_cost, true) as has_cost,
           -- Whom nothing tells apart is one person at most: a doubt counts as fewer here, unless the permit says for the channel
           -- that orders may stand for buyers. What is of no order is the company's own where it is advertising, a fee or an
           -- exchange difference, and else may be of anybody.
           case when e.order_id is null and a.pnl_line in ('ad_spend', 'fees', 'fx_difference') then null
                when b.person_key is null and n.channel is not null and e.order_id is not null then 'order:' || e.order_id
                else coalesce(b.person_key, 'unlinked') end as person
    from ledger_entries as e
    join accounts as a on e.account = a.account
    left join order_pieces as p
        on e.order_id = p.order_key and e.order_line_id = p.line_id and coalesce(e.sku_id, '') = coalesce(p.sku_id, '')
    left join orders as o on e.order_id = o.order_key
    left join buyers as b on o.buyer_key = b.person_key and o.channel = b.channel
    left join orders_as_persons as n on o.channel = n.channel
    where a.pnl_line is not null and e.book = 'local'
),
counted as (
    select entry_id, line_no, channel, shop, sku_id, accounting_date, fiscal_period, currency, pnl_line, account, amount_minor, has_cost, person
    from posted
    union all
    select entry_id, line_no, channel, shop, sku_id, accounting_date, fiscal_period, currency, 'revenue_without_cost' as pnl_line, account,
           -amount_minor as amount_minor, has_cost, person
    from posted where not has_cost and pnl_line in ('revenue_goods', 'refunds')
),
running as (
    select *, case when pnl_line = 'fees' then account else pnl_line end as detail,
        sum_exact(amount_minor) over (
            partition by channel, shop, sku_id, accounting_date, fiscal_period, currency, pnl_line,
                case when pnl_line = 'fees' then account else pnl_line end
            order by entry_id, line_no, account, person, amount_minor rows between unbounded preceding and current row) as after_minor
    from counted
),
translated as (
    select d.channel, d.shop, d.sku_id, d.accounting_date, d.pnl_line, d.detail, d.has_cost, d.person, r.reporting_currency,
        case when d.currency = r.reporting_currency then d.amount_minor
             when f.per_euro_e6 is null or t.per_euro_e6 is null then 0
             else half_up_div(product_exact(product_exact(d.after_minor, t.per_euro_e6), s.to_scale), product_exact(f.per_euro_e6, s.from_scale))
                - half_up_div(product_exact(product_exact(d.after_minor - d.amount_minor, t.per_euro_e6), s.to_scale),
                              product_exact(f.per_euro_e6, s.from_scale)) end as amount_minor
    from running as d
    cross join reporting as r
    left join currency_scales as s on d.currency = s.from_currency and r.reporting_currency = s.to_currency
    left join fx_days as f on d.currency = f.currency and d.accounting_date = f.on_day
    left join fx_days as t on r.reporting_currency = t.currency and d.accounting_date = t.on_day
),
named as (
    select substr(cast(t.accounting_date as varchar), 1, 7) as month, t.pnl_line, t.detail, t.channel, t.shop, t.has_cost, t.person,
        t.reporting_currency, t.amount_minor,
        case when t.pnl_line in ('revenue_goods', 'refunds', 'cogs') then coalesce(g.sku_group, 'none') end as sku_group
    from translated as t left join sku_groups as g on t.sku_id = g.sku_id
)
select
    cast(month as varchar) as month, cast(pnl_line as varchar) as line, cast(detail as varchar) as detail, cast(channel as varchar) as channel,
    cast(shop as varchar) as shop, cast(sku_group as varchar) as sku_group, cast(has_cost as boolean) as has_cost,
    cast(reporting_currency as varchar) as currency, cast(person as varchar) as person, cast('released' as varchar) as state,
    cast('protected' as varchar) as protection, cast(sum_exact(amount_minor) as bigint) as amount_minor
from named
group by month, pnl_line, detail, channel, shop, sku_group, has_cost, reporting_currency, person
