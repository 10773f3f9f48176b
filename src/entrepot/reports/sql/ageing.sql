-- What is still with the platforms, by how long it has been there: docs/reference/reports/ageing.md. Receivables are counted
-- by order since revenue was recognised; a wallet, a reserve and money on its way by the days on which it came in, what came
-- in last being what is still there. The sums are the balances of the four accounts.
with booked as (
    -- What people book ahead, bills, invoices and month-end postings say nothing of how far the platforms' files reach.
    select coalesce(max(case when cause_kind in ('order', 'refund', 'settlement_line', 'ad_spend') then accounting_date end),
                    max(accounting_date)) as on_day
    from ledger_entries where book = 'local'
),
-- A statement of the bank that is newer than the last posting shows what had not arrived by its last day.
stated as (select max(booked_on) as on_day from bank_lines),
last_day as (select greatest(b.on_day, coalesce(s.on_day, b.on_day)) as as_of from booked as b cross join stated as s),
kept as (
    select e.account, e.channel, e.shop, e.currency, coalesce(e.wallet_id, '') as wallet_id, e.order_id, e.accounting_date, e.amount_minor,
        e.entry_id, e.line_no, case e.account when 'wallet' then 'settled' when 'cash_in_transit' then 'in_transit' when 'wallet_reserve' then 'reserve'
                                   else 'receivable' end as stage
    from ledger_entries as e
    where e.book = 'local' and e.account in ('platform_receivable', 'wallet', 'wallet_reserve', 'cash_in_transit')
),
by_order as (
    select k.order_id, k.channel, k.shop, k.currency, case when max(p.recognised_on) is null then 'not_recognised' else 'receivable' end as stage,
           coalesce(max(p.recognised_on), min(k.accounting_date)) as on_day, sum_exact(k.amount_minor) as amount_minor
    from kept as k left join order_positions as p on k.order_id = p.order_key
    where k.account = 'platform_receivable' and k.order_id is not null
    group by k.channel, k.shop, k.currency, k.order_id
),
daily as (
    select stage, channel, shop, currency, wallet_id, accounting_date, sum_exact(amount_minor) as moved_minor
    from kept where account <> 'platform_receivable' or order_id is null
    group by stage, channel, shop, currency, wallet_id, accounting_date
),
running as (
    select *, greatest(moved_minor, 0) as in_minor,
        sum_exact(moved_minor) over (partition by stage, channel, shop, currency, wallet_id) as balance_minor,
        sum_exact(greatest(moved_minor, 0)) over (partition by stage, channel, shop, currency, wallet_id order by accounting_date desc) as since_minor,
        max(accounting_date) over (partition by stage, channel, shop, currency, wallet_id) as last_on
    from daily
),
layered as (
    select stage, channel, shop, currency, wallet_id, accounting_date as on_day, moved_minor,
        case when balance_minor > 0 then greatest(least(in_minor, balance_minor - since_minor + in_minor), 0)
             -- Less than nothing has no age: it stands at the last movement.
             when accounting_date = last_on then balance_minor else 0 end as amount_minor
    from running
),
open_ones as (
    select stage, channel, shop, currency, order_id, null as wallet_id, on_day, amount_minor, amount_minor as moved_minor from by_order where amount_minor <> 0
    union all
    select stage, channel, shop, currency, null as order_id, wallet_id, on_day, amount_minor, moved_minor from layered where amount_minor <> 0
),
aged as (
    select o.*, d.as_of,
        case when date_diff('day', o.on_day, d.as_of) <= 7 then '0-7' when date_diff('day', o.on_day, d.as_of) <= 15 then '8-15'
             when date_diff('day', o.on_day, d.as_of) <= 30 then '16-30' when date_diff('day', o.on_day, d.as_of) <= 60 then '31-60'
             else '61+' end as days
    from open_ones as o cross join last_day as d
)
select
    cast(channel as varchar) as channel,
    cast(shop as varchar) as shop,
    cast(currency as varchar) as currency,
    cast(stage as varchar) as stage,
    cast(days as varchar) as days,
    cast(count(*) as bigint) as items,
    cast(sum_exact(amount_minor) as bigint) as amount_minor,
    cast(min(on_day) as date) as oldest_on,
    cast(max(as_of) as date) as as_of
from aged
group by channel, shop, currency, stage, days
