-- Payouts of several days in one movement, which no group of one day explains: all that a wallet, or a platform, sent from one
-- day to another, month ends included. What a person took out of a movement is no part of it. A movement or a payout that
-- could be part of two such sums is doubtful.
with used as (
    select bank_line_id, payout_id from bank_exact
    union all
    select bank_line_id, payout_id from bank_pairs where how = 'decided' and decision = 'accepted' and refusal is null
    union all
    select bank_line_id, payout_id from bank_grouped
),
refused as (select distinct bank_line_id, payout_id from bank_pairs where how = 'decided' and decision = 'refused'),
reach as (
    select l.item as bank_line_id, l.gross_minor as line_minor, s.item as payout_id, s.channel, s.place, s.on_day, s.gross_minor
    from bank_sides as l cross join policy_values as v
    join bank_sides as s on l.channel = s.channel and l.currency = s.currency and date_diff('day', s.on_day, l.on_day) between -1 and v.bank_days_max
    left join refused as r on l.item = r.bank_line_id and s.item = r.payout_id
    where l.side = 'line' and s.side = 'payout' and l.other is null and s.other is null and r.bank_line_id is null
      and l.item not in (select bank_line_id from used) and s.item not in (select payout_id from used)
),
scoped as (
    select r.bank_line_id, r.line_minor, r.payout_id, r.place, r.on_day, r.gross_minor, case n.whole when 'wallet' then r.place else r.channel end as scope
    from reach as r cross join (values ('wallet'), ('channel')) as n(whole)
),
daily as (
    select bank_line_id, line_minor, scope, on_day, sum_exact(gross_minor) as day_minor, count(*) as n
    from scoped group by bank_line_id, line_minor, scope, on_day
),
until as (
    select *, sum_exact(day_minor) over (partition by bank_line_id, scope order by on_day) as until_minor,
        sum_exact(n) over (partition by bank_line_id, scope order by on_day) as until_n
    from daily
),
runs as (
    select a.bank_line_id, a.scope, a.on_day as from_day, b.on_day as to_day
    from until as a join until as b on a.bank_line_id = b.bank_line_id and a.scope = b.scope and a.on_day <= b.on_day
    where b.until_minor - a.until_minor + a.day_minor = a.line_minor and b.until_n - a.until_n + a.n > 1
),
spread as (
    select 'spread|' || r.scope || '|' || cast(r.from_day as varchar) || '|' || cast(r.to_day as varchar) || '|' || r.bank_line_id as bundle,
        r.bank_line_id, s.payout_id, s.place, r.scope
    from runs as r join scoped as s on r.bank_line_id = s.bank_line_id and r.scope = s.scope and s.on_day between r.from_day and r.to_day
),
-- What one wallet sent is not said again for its platform.
placed as (
    select *, min(place) over (partition by bundle) <> max(place) over (partition by bundle) as has_places from spread
),
told as (
    select bundle, bank_line_id, payout_id,
        min(bundle) over (partition by bank_line_id) <> max(bundle) over (partition by bank_line_id)
            or min(bundle) over (partition by payout_id) <> max(bundle) over (partition by payout_id) as is_shared
    from placed where scope = place or has_places
)
select 'merged' as rule, bundle, bank_line_id, payout_id, bool_or(is_shared) over (partition by bundle) as is_doubtful
from told
