-- Several payouts of a day in one movement, one payout in several movements of a day, a payout that arrives in another
-- currency: only where neither a movement nor a payout could also be part of another such group.
with used as (
    select bank_line_id, payout_id from bank_exact
    union all
    select bank_line_id, payout_id from bank_pairs where how = 'decided' and decision = 'accepted' and refusal is null
),
lines as (
    select s.* from bank_sides as s
    where s.side = 'line' and s.other is null and s.channel is not null and s.item not in (select bank_line_id from used)
),
sent as (
    select s.* from bank_sides as s where s.side = 'payout' and s.other is null and s.item not in (select payout_id from used)
),
refused as (select distinct bank_line_id, payout_id from bank_pairs where how = 'decided' and decision = 'refused'),
heaps as (
    select 'wallet|' || place || '|' || cast(on_day as varchar) as heap, channel, currency, on_day, sum_exact(gross_minor) as sum_minor
    from sent group by place, channel, currency, on_day having count(*) > 1
    union all
    select 'channel|' || channel || '|' || cast(on_day as varchar) as heap, channel, currency, on_day, sum_exact(gross_minor) as sum_minor
    from sent group by channel, currency, on_day having count(*) > 1 and min(place) <> max(place)
),
merged as (
    select 'merged' as rule, 'merged|' || h.heap || '|' || h.currency || '|' || l.item as bundle, l.item as bank_line_id, s.item as payout_id
    from heaps as h cross join policy_values as v
    join lines as l on h.channel = l.channel and h.currency = l.currency and h.sum_minor = l.gross_minor
        and date_diff('day', h.on_day, l.on_day) between -1 and v.bank_days_max
    join sent as s on h.channel = s.channel and h.currency = s.currency and h.on_day = s.on_day
        and (h.heap = 'wallet|' || s.place || '|' || cast(s.on_day as varchar) or h.heap = 'channel|' || s.channel || '|' || cast(s.on_day as varchar))
),
piles as (
    select channel, bank_account, currency, on_day, sum_exact(gross_minor) as sum_minor
    from lines group by channel, bank_account, currency, on_day having count(*) > 1
),
parts as (
    select 'parts' as rule, 'parts|' || s.item || '|' || p.bank_account || '|' || cast(p.on_day as varchar) as bundle,
           l.item as bank_line_id, s.item as payout_id
    from piles as p cross join policy_values as v
    join sent as s on p.channel = s.channel and p.currency = s.currency and p.sum_minor = s.gross_minor
        and date_diff('day', s.on_day, p.on_day) between -1 and v.bank_days_max
    join lines as l on p.channel = l.channel and p.bank_account = l.bank_account and p.currency = l.currency and p.on_day = l.on_day
),
rated as (
    select s.*, t.currency as to_currency,
        half_up_div(product_exact(product_exact(s.gross_minor, t.per_euro_e6), g.to_scale),
                    product_exact(f.per_euro_e6, g.from_scale)) as worth_minor
    from sent as s
    join fx_days as f on s.currency = f.currency and s.on_day = f.on_day
    join (select distinct currency as to_currency from lines) as c on s.currency <> c.to_currency
    join fx_days as t on c.to_currency = t.currency and s.on_day = t.on_day
    join currency_scales as g on s.currency = g.from_currency and c.to_currency = g.to_currency
),
exchanged as (
    select 'exchanged' as rule, 'exchanged|' || r.item || '|' || l.item as bundle, l.item as bank_line_id, r.item as payout_id
    from rated as r cross join policy_values as v
    join lines as l on r.channel = l.channel and r.to_currency = l.currency
        and date_diff('day', r.on_day, l.on_day) between -1 and v.bank_days_max
        and product_exact(abs(l.gross_minor - r.worth_minor), 10000) <= product_exact(abs(r.worth_minor), v.bank_fx_bp)
),
possible as (select * from merged union all select * from parts union all select * from exchanged),
allowed as (
    select p.* from possible as p
    where p.bundle not in (select x.bundle from possible as x join refused as r on x.bank_line_id = r.bank_line_id and x.payout_id = r.payout_id)
),
lines_shared as (select bank_line_id from allowed group by bank_line_id having count(distinct bundle) > 1),
payouts_shared as (select payout_id from allowed group by payout_id having count(distinct bundle) > 1),
doubtful as (
    select bundle from allowed where bank_line_id in (select bank_line_id from lines_shared)
    union
    select bundle from allowed where payout_id in (select payout_id from payouts_shared)
)
select a.rule, a.bundle, a.bank_line_id, a.payout_id, d.bundle is not null as is_doubtful
from allowed as a left join doubtful as d on a.bundle = d.bundle
