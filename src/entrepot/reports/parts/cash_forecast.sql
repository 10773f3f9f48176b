-- Parts of the figures of reports/sql/cash_forecast.sql: what is awaited, order by order, posting by posting, payout by
-- payout, less what by experience does not arrive of it; for `history` what the days were measured of.
with awaited as (
    select d.*, y.on_day, case d.chance when 50 then 'p50_minor' when 80 then 'p80_minor' else 'came_minor' end as figure,
        d.p50_minor + d.p80_minor + d.came_minor as expected_minor
    from dated as d join days as y on d.kind = y.kind and d.at_day = y.at_day
),
payout_rows as (
    select p.*, case when s.line_id is null then 'row/settlements/' || p.payout_id else 'row/settlement_lines/' || p.payout_id end as part
    from payouts as p left join settlement_lines as s on p.payout_id = s.line_id
),
measured_of as (
    select c.kind, n.step, t.channel, t.shop, t.currency, 'order/' || t.order_key as part
    from timed as t cross join cuts as c cross join (values ('earned'), ('paid'), ('settled')) as n(step)
    where t.paid_on <= c.cut and case n.step when 'earned' then t.recognised_on when 'paid' then t.bought_on else t.settled_on end is not null
    union all
    select c.kind, 'in_transit' as step, m.shop_channel as channel, m.shop, m.payout_currency as currency, 'row/bank_lines/' || m.bank_line_id as part
    from bank_matches as m cross join cuts as c
    where m.state in ('matched', 'confirmed') and m.payout_minor > 0 and m.booked_on <= c.cut
),
forecast_days as (
    select distinct kind, channel, shop, currency, stage, on_day from awaited where chance > 0
),
found as (
    select a.kind, a.channel, a.shop, a.currency, a.stage, a.on_day, a.figure, 'order/' || p.order_key as part, p.amount_minor as amount
    from awaited as a join pending as p
        on a.kind = p.kind and a.stage = p.stage and a.role = p.role and a.channel = p.channel and a.shop = p.shop and a.currency = p.currency and a.age = p.age
    union all
    select a.kind, a.channel, a.shop, a.currency, a.stage, a.on_day, a.figure,
        'entry/' || e.entry_id || '/line-' || cast(e.line_no as varchar) as part, e.amount_minor as amount
    from awaited as a join ledger_entries as e on a.channel = e.channel and a.shop = e.shop and a.currency = e.currency
    where a.stage = 'settled' and a.role = 'awaited' and e.book = 'local' and e.account = 'wallet' and e.accounting_date <= a.cut
    union all
    select a.kind, a.channel, a.shop, a.currency, a.stage, a.on_day, a.figure, p.part, p.amount_minor as amount
    from awaited as a
    join payout_rows as p on a.channel = p.shop_channel and a.shop = p.shop and a.currency = p.currency and a.age = date_diff('day', p.paid_on, a.cut)
    left join found_payouts as f on p.payout_id = f.payout_id
    where a.stage = 'in_transit' and p.kind <> 'top_up' and p.amount_minor > 0 and f.payout_id is null
    union all
    select kind, channel, shop, currency, stage, on_day, figure, 'does_not_arrive' as part, expected_minor - gross_minor as amount from awaited
    union all
    select d.kind, d.channel, d.shop, d.currency, d.stage, d.on_day, 'history' as figure, m.part, 1 as amount
    from forecast_days as d join measured_of as m
        on d.kind = m.kind and d.stage = m.step and d.channel = m.channel and d.shop = m.shop and d.currency = m.currency
)
select
    cast(kind as varchar) as scenario,
    cast(channel as varchar) as channel,
    cast(shop as varchar) as shop,
    cast(currency as varchar) as currency,
    cast(stage as varchar) as stage,
    cast(on_day as date) as expected_on,
    cast(figure as varchar) as figure,
    cast('part' as varchar) as role,
    cast(part as varchar) as part,
    cast(amount as bigint) as amount
from found where amount <> 0
