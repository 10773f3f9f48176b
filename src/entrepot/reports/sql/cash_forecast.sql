-- When what is earned will be there, by the days that the same shop's orders took before: docs/reference/reports/cash_forecast.md.
-- The same question is asked of the day four weeks earlier, with what was known then, and stands beside what came of it.
with last_day as (
    select coalesce(max(case when cause_kind in ('order', 'refund', 'settlement_line', 'ad_spend') then accounting_date end),
                    max(accounting_date)) as as_of
    from ledger_entries where book = 'local'
),
cuts as (
    select 'forecast' as kind, as_of as cut, 60 as horizon from last_day
    union all
    select 'backtest' as kind, as_of - 28 as cut, 28 as horizon from last_day
),
received as (
    select order_key, sum_exact(amount_minor) as received_minor from settlement_lines
    where order_key is not null and kind not in ('withdrawal', 'transfer', 'opening') group by order_key
),
sales as (
    select p.order_key, p.channel, p.shop, p.currency, p.recognised_on, p.expected_minor, p.paid_minor + p.third_party_minor as value_minor,
        coalesce(r.received_minor, 0) as received_minor, p.state in ('cancelled_unpaid', 'closed_refunded', 'group_failed', 'lottery_lost') as is_closed,
        case when p.settled_at < z.split_at then z.day_before else z.day_after end as settled_on,
        case when o.paid_at < y.split_at then y.day_before else y.day_after end as bought_on
    from order_positions as p
    join orders as o on p.order_key = o.order_key
    left join received as r on p.order_key = r.order_key
    left join shops as h on p.shop = h.shop and p.channel = h.channel
    left join zone_days as z on coalesce(h.business_zone, 'UTC') = z.zone and cast(p.settled_at as date) = z.utc_day
    left join zone_days as y on coalesce(h.business_zone, 'UTC') = y.zone and cast(o.paid_at as date) = y.utc_day
    where p.is_paid and p.paid_minor + p.third_party_minor > 0
),
paid_days as (
    select distinct shop_channel as channel, shop, currency, paid_on from payouts where amount_minor > 0 and kind <> 'top_up'
),
settled_days as (select distinct channel, shop, currency, settled_on from sales where settled_on is not null),
next_paid as (
    select s.channel, s.shop, s.currency, s.settled_on, min(p.paid_on) as paid_on
    from settled_days as s
    join paid_days as p on s.channel = p.channel and s.shop = p.shop and s.currency = p.currency and p.paid_on >= s.settled_on
    group by s.channel, s.shop, s.currency, s.settled_on
),
paying_shops as (select distinct channel, shop, currency from paid_days),
-- A shop that never withdraws is paid when its wallet is.
timed as (
    select s.*, case when w.shop is null then s.settled_on else n.paid_on end as paid_on
    from sales as s
    left join next_paid as n on s.channel = n.channel and s.shop = n.shop and s.currency = n.currency and s.settled_on = n.settled_on
    left join paying_shops as w on s.channel = w.channel and s.shop = w.shop and s.currency = w.currency
),
-- Steps that a shop's money takes, in days: from recognition, from payment and from the wallet to the payout, from there to the
-- bank, as far as they were known.
steps as (
    select c.kind, n.step, t.channel, t.shop, t.currency,
        date_diff('day', case n.step when 'earned' then t.recognised_on when 'paid' then t.bought_on else t.settled_on end, t.paid_on) as days,
        count(*) as n
    from timed as t cross join cuts as c cross join (values ('earned'), ('paid'), ('settled')) as n(step)
    where t.paid_on <= c.cut and case n.step when 'earned' then t.recognised_on when 'paid' then t.bought_on else t.settled_on end is not null
    group by c.kind, n.step, t.channel, t.shop, t.currency,
        date_diff('day', case n.step when 'earned' then t.recognised_on when 'paid' then t.bought_on else t.settled_on end, t.paid_on)
    union all
    select c.kind, 'bank' as step, m.shop_channel as channel, m.shop, m.payout_currency as currency, m.days, count(*) as n
    from bank_matches as m cross join cuts as c
    where m.state in ('matched', 'confirmed') and m.payout_minor > 0 and m.booked_on <= c.cut
    group by c.kind, m.shop_channel, m.shop, m.payout_currency, m.days
),
ranked as (
    select *, sum_exact(n) over (partition by kind, step, channel, shop, currency order by days) as until_n,
        sum_exact(n) over (partition by kind, step, channel, shop, currency) as all_n
    from steps
),
-- Nearest rank: the fewest days within which at least so many of a hundred were there. One row per shop.
measured as (
    select kind, channel, shop, currency,
        max(case when step = 'earned' then all_n end) as earned_n, max(case when step = 'paid' then all_n end) as paid_n,
        max(case when step = 'settled' then all_n end) as settled_n, max(case when step = 'bank' then all_n end) as bank_n,
        min(case when step = 'earned' and until_n * 100 >= all_n * 50 then days end) as earned_p50,
        min(case when step = 'earned' and until_n * 100 >= all_n * 80 then days end) as earned_p80,
        min(case when step = 'paid' and until_n * 100 >= all_n * 50 then days end) as paid_p50,
        min(case when step = 'paid' and until_n * 100 >= all_n * 80 then days end) as paid_p80,
        min(case when step = 'settled' and until_n * 100 >= all_n * 50 then days end) as settled_p50,
        min(case when step = 'settled' and until_n * 100 >= all_n * 80 then days end) as settled_p80,
        min(case when step = 'bank' and until_n * 100 >= all_n * 50 then days end) as bank_p50,
        min(case when step = 'bank' and until_n * 100 >= all_n * 80 then days end) as bank_p80
    from ranked group by kind, channel, shop, currency
),
-- What arrives of what is sold: of what was paid, some is closed and brings nothing.
shares as (
    select c.kind, n.stage, t.channel, t.shop, t.currency, sum_exact(t.received_minor) as received_minor,
        sum_exact(case n.stage when 'earned' then t.expected_minor else t.value_minor end) as base_minor
    from timed as t cross join cuts as c cross join (values ('earned'), ('paid')) as n(stage)
    where (n.stage = 'earned' and t.settled_on <= c.cut and t.expected_minor > 0)
       or (n.stage = 'paid' and t.bought_on <= c.cut and (t.settled_on <= c.cut or t.is_closed))
    group by c.kind, n.stage, t.channel, t.shop, t.currency
),
-- What was not settled on the day that is asked about, and what came of it since.
pending as (
    select t.order_key, c.kind, c.cut, case when t.recognised_on <= c.cut then 'earned' else 'paid' end as stage, n.role, t.channel, t.shop, t.currency,
        case when n.role = 'came' then date_diff('day', t.paid_on, c.cut)
             else date_diff('day', case when t.recognised_on <= c.cut then t.recognised_on else t.bought_on end, c.cut) end as age,
        case when n.role = 'came' then t.received_minor when t.recognised_on <= c.cut then t.expected_minor else t.value_minor end as amount_minor
    from timed as t cross join cuts as c cross join (values ('awaited'), ('came')) as n(role)
    where (t.settled_on is null or t.settled_on > c.cut) and (t.recognised_on <= c.cut or (t.bought_on <= c.cut and not t.is_closed))
      and (n.role = 'awaited' or (c.kind = 'backtest' and t.paid_on is not null))
),
found_payouts as (select payout_id from bank_matches where state <> 'proposed' and payout_id is not null group by payout_id),
waiting as (
    select kind, cut, stage, role, channel, shop, currency, age, sum_exact(amount_minor) as gross_minor
    from pending group by kind, cut, stage, role, channel, shop, currency, age
    union all
    select c.kind, c.cut, 'settled' as stage, 'awaited' as role, e.channel, e.shop, e.currency, 0 as age, sum_exact(e.amount_minor) as gross_minor
    from ledger_entries as e cross join cuts as c
    join paying_shops as w on e.channel = w.channel and e.shop = w.shop and e.currency = w.currency
    where c.kind = 'forecast' and e.book = 'local' and e.account = 'wallet' and e.accounting_date <= c.cut
    group by c.kind, c.cut, e.channel, e.shop, e.currency having sum_exact(e.amount_minor) > 0
    union all
    -- What should long be at the bank is an exception and no forecast.
    select c.kind, c.cut, 'in_transit' as stage, 'awaited' as role, p.shop_channel as channel, p.shop, p.currency, date_diff('day', p.paid_on, c.cut) as age,
        sum_exact(p.amount_minor) as gross_minor
    from payouts as p cross join cuts as c left join found_payouts as f on p.payout_id = f.payout_id
    where c.kind = 'forecast' and p.kind <> 'top_up' and p.amount_minor > 0 and f.payout_id is null
      and date_diff('day', p.paid_on, c.cut) between 0 and 14
    group by c.kind, c.cut, p.shop_channel, p.shop, p.currency, date_diff('day', p.paid_on, c.cut)
),
stepped as (
    select w.*, coalesce(m.bank_p50, 0) as bank_p50, coalesce(m.bank_p80, 0) as bank_p80,
        case w.stage when 'earned' then m.earned_p50 when 'paid' then m.paid_p50 when 'settled' then m.settled_p50 when 'in_transit' then m.bank_p50 end as own_p50,
        case w.stage when 'earned' then m.earned_p80 when 'paid' then m.paid_p80 when 'settled' then m.settled_p80 when 'in_transit' then m.bank_p80 end as own_p80,
        case w.stage when 'earned' then m.earned_n when 'paid' then m.paid_n when 'settled' then m.settled_n when 'in_transit' then m.bank_n end as history,
        case when w.role = 'awaited' and s.base_minor > 0 then half_up_div(product_exact(w.gross_minor, s.received_minor), s.base_minor)
             else w.gross_minor end as amount_minor
    from waiting as w
    join measured as m on w.kind = m.kind and w.channel = m.channel and w.shop = m.shop and w.currency = m.currency
    left join shares as s on w.kind = s.kind and w.stage = s.stage and w.channel = s.channel and w.shop = s.shop and w.currency = s.currency
),
-- Nothing comes before tomorrow: what is late by the days of others is expected then. What is half a month later than most is
-- an exception (`settlement_missing`), and no forecast.
dated as (
    select t.kind, t.cut, t.stage, t.channel, t.shop, t.currency, t.role, t.age, t.gross_minor, n.chance, case when n.chance = 0 then null else t.history end as history,
        case when n.chance = 0 then t.bank_p50 - t.age
             when n.chance = 50 then greatest(t.own_p50 + case when t.stage = 'in_transit' then 0 else t.bank_p50 end - t.age, 1)
             else greatest(t.own_p80 + case when t.stage = 'in_transit' then 0 else t.bank_p80 end - t.age, 1) end as at_day,
        case when n.chance = 50 then t.amount_minor else 0 end as p50_minor, case when n.chance = 80 then t.amount_minor else 0 end as p80_minor,
        case when n.chance = 0 then t.amount_minor else 0 end as came_minor
    from stepped as t cross join (values (0), (50), (80)) as n(chance)
    where (t.role = 'came' and n.chance = 0)
       or (t.role = 'awaited' and n.chance > 0 and t.own_p50 is not null
           and (t.stage not in ('earned', 'paid') or t.age <= t.own_p80 + t.bank_p80 + 15))
),
days as (
    select c.kind, d.utc_day as on_day, date_diff('day', c.cut, d.utc_day) as at_day
    from cuts as c cross join zone_days as d
    where d.zone = 'UTC' and date_diff('day', c.cut, d.utc_day) between 1 and c.horizon
)
select
    cast(d.kind as varchar) as scenario,
    cast(d.channel as varchar) as channel,
    cast(d.shop as varchar) as shop,
    cast(d.currency as varchar) as currency,
    cast(d.stage as varchar) as stage,
    cast((d.at_day - 1) // 7 + 1 as bigint) as week_no,
    cast(y.on_day as date) as expected_on,
    cast(sum_exact(d.p50_minor) as bigint) as p50_minor,
    cast(sum_exact(d.p80_minor) as bigint) as p80_minor,
    cast(case when d.kind = 'backtest' then sum_exact(d.came_minor) end as bigint) as came_minor,
    cast(max(d.history) as bigint) as history,
    cast(d.cut as date) as as_of
from dated as d join days as y on d.kind = y.kind and d.at_day = y.at_day
group by d.kind, d.channel, d.shop, d.currency, d.stage, d.at_day, y.on_day, d.cut
