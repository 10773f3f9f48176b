-- Parts of the figures of reports/sql/acquisition.sql, whose CTEs stand before these: orders, and postings as the report
-- translates them. A buyer is counted by the first order of the month and never named.
with firsts as (
    select order_key, channel, month, person_key,
        row_number() over (partition by channel, month, person_key order by bought_at, order_key) as nth_here,
        row_number() over (partition by person_key order by bought_at, order_key) as nth
    from dated where person_key is not null
),
posted as (
    select e.entry_id, e.line_no, e.channel, e.period as month, e.accounting_date, e.currency, e.amount_minor,
        case when e.account = 'ad_spend' then 'spend_minor' else 'commission_minor' end as figure
    from ledger_entries as e where e.account in ('ad_spend', 'fee:affiliate_commission') and e.book = 'local'
),
-- The report translates a day's sum and rounds once: each posting gets what the running sum grows by.
running as (
    select *, sum_exact(amount_minor) over (
        partition by channel, month, accounting_date, currency, figure
        order by entry_id, line_no rows between unbounded preceding and current row) as after_minor
    from posted
),
grown as (
    select b.*,
        case when b.currency = r.reporting_currency then b.amount_minor
             when f.per_euro_e6 is null or t.per_euro_e6 is null then 0
             else half_up_div(product_exact(product_exact(b.after_minor, t.per_euro_e6), c.to_scale), product_exact(f.per_euro_e6, c.from_scale))
                - half_up_div(product_exact(product_exact(b.after_minor - b.amount_minor, t.per_euro_e6), c.to_scale), product_exact(f.per_euro_e6, c.from_scale))
             end as part_minor
    from running as b
    cross join reporting as r
    left join currency_scales as c on b.currency = c.from_currency and r.reporting_currency = c.to_currency
    left join fx_days as f on b.currency = f.currency and b.accounting_date = f.on_day
    left join fx_days as t on r.reporting_currency = t.currency and b.accounting_date = t.on_day
),
found as (
    select channel, month, 'orders' as figure, 'part' as role, 'order/' || order_key as part, 1 as amount from dated
    union all
    select channel, month, 'orders_without_person' as figure, 'part' as role, 'order/' || order_key as part, 1 as amount from dated where person_key is null
    union all
    select channel, month, 'buyers' as figure, 'part' as role, 'order/' || order_key as part, 1 as amount from firsts where nth_here = 1
    union all
    select channel, month, 'new_buyers' as figure, 'part' as role, 'order/' || order_key as part, 1 as amount from firsts where nth = 1
    union all
    select channel, month, 'returning_buyers' as figure, 'part' as role, 'order/' || order_key as part, 1 as amount from firsts where nth_here = 1 and nth > 1
    union all
    select channel, month, figure, 'part' as role, 'entry/' || entry_id || '/line-' || cast(line_no as varchar) as part, part_minor as amount from grown
    union all
    select s.channel, s.month, 'spend_share_bp' as figure, 'denominator' as role, '=spend_minor=channel=' || coalesce(o.channel, '-') as part, o.spend_minor as amount
    from shared as s join shared as o on s.month = o.month
)
select
    cast(f.channel as varchar) as channel,
    cast(f.month as varchar) as month,
    cast(r.reporting_currency as varchar) as currency,
    cast(f.figure as varchar) as figure,
    cast(f.role as varchar) as role,
    cast(f.part as varchar) as part,
    cast(f.amount as bigint) as amount
from found as f cross join reporting as r
