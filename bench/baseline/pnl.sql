-- What a good analyst writes by hand for DuckDB: the same figures as `entrepot report pnl`, straight from the files.
-- $entries, $pieces, $accounts and $rates are replaced by the bench.
with posted as (
    select e.channel, e.shop, case when a.pnl_line in ('revenue_goods', 'refunds', 'cogs') then e.sku_id end as sku_id,
           e.accounting_date, e.currency, a.pnl_line,
           case when a.pnl_line = 'fees' then e.account else a.pnl_line end as detail,
           coalesce(p.has_cost, true) as has_cost, sum(-e.amount_minor) as amount_minor
    from read_parquet($entries) e
    join $accounts a using (account)
    left join read_parquet($pieces) p on e.order_id = p.order_key and e.order_line_id = p.line_id
    where a.pnl_line is not null and e.book = 'local'
    group by all
),
daily as (
    select channel, shop, sku_id, accounting_date, currency, pnl_line, detail, sum(amount_minor) as amount_minor
    from (
        select channel, shop, sku_id, accounting_date, currency, pnl_line, detail, amount_minor from posted
        union all
        select channel, shop, sku_id, accounting_date, currency, 'revenue_without_cost', 'revenue_without_cost', -amount_minor
        from posted where not has_cost and pnl_line in ('revenue_goods', 'refunds')
    ) group by all
)
select d.channel, d.shop, d.sku_id, strftime(d.accounting_date, '%Y-%m') as month, d.pnl_line as line, d.detail,
       sum(case when d.currency = 'CNY' then d.amount_minor
                else cast(sign(d.amount_minor) * ((2 * abs(d.amount_minor)::hugeint * t.per_euro_e6 + f.per_euro_e6)
                     // (2 * f.per_euro_e6)) as bigint) end)::bigint as amount_minor
from daily d
left join $rates f on d.currency = f.currency and d.accounting_date = f.on_day
left join $rates t on t.currency = 'CNY' and d.accounting_date = t.on_day
group by all
