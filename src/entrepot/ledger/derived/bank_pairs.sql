-- Pairs of a movement and a payout that could be one: what a person decided, and what lies near in amount and day. A movement
-- without a name on the other side could be anybody's; one with a name that no platform has is nobody's until a person says so.
with lines as (select * from bank_sides where side = 'line' and other is null),
plain as (
    select distinct item, bank_account, on_day, currency, amount_minor, fee_minor, gross_minor, is_named, reference from lines
),
sent as (select * from bank_sides where side = 'payout' and other is null),
near as (
    select l.item as bank_line_id, s.item as payout_id, date_diff('day', s.on_day, l.on_day) as days,
        l.gross_minor - s.amount_minor as differs_minor, l.is_named, k.channel is not null as is_known, s.place,
        coalesce(length(s.number) >= 4 and contains(coalesce(l.reference, ''), s.number), false) as has_reference
    from plain as l
    cross join policy_values as v
    join sent as s on l.currency = s.currency and date_diff('day', s.on_day, l.on_day) between -1 and 2 * v.bank_days_max
        and product_exact(abs(l.gross_minor - s.amount_minor), 10000) <= product_exact(abs(s.amount_minor), v.bank_near_bp)
    left join (select distinct item, channel from lines where channel is not null) as k on l.item = k.item and s.channel = k.channel
),
told as (
    select d.bank_line_id, d.payout_id, d.decision, l.item as line_item, s.item as payout_item, l.currency = s.currency as is_like,
        l.gross_minor, s.amount_minor,
        case when d.decision = 'accepted' then 1 else 0 end as n
    from bank_decisions as d
    left join plain as l on d.bank_line_id = l.item
    left join sent as s on d.payout_id = s.item
),
summed as (
    select *,
        sum_exact(n) over (partition by bank_line_id) as payouts_of_line,
        sum_exact(n) over (partition by payout_id) as lines_of_payout,
        sum_exact(case when n = 1 then amount_minor else 0 end) over (partition by bank_line_id) as payouts_minor,
        sum_exact(case when n = 1 then gross_minor else 0 end) over (partition by payout_id) as lines_minor
    from told
),
judged as (
    select bank_line_id, payout_id, decision, payouts_of_line, lines_of_payout,
        case when line_item is null then 'unknown_bank_line' when payout_item is null then 'unknown_payout'
             when decision = 'refused' then null
             -- A movement of several payouts, or a payout in several movements: not both at once, nor in two currencies.
             when payouts_of_line > 1 and lines_of_payout > 1 then 'told_twice'
             when not is_like and (payouts_of_line > 1 or lines_of_payout > 1) then 'told_twice'
             when is_like and payouts_of_line > 1 and payouts_minor <> gross_minor then 'amounts_differ'
             -- What arrives may be less than what was sent, never more, and never the other way.
             when is_like and payouts_of_line = 1
                  and (abs(lines_minor) > abs(amount_minor) or product_exact(case when lines_minor < 0 then -1 else 1 end, amount_minor) < 0)
             then 'amounts_differ' end as refusal
    from summed
)
select bank_line_id, payout_id, 'decided' as how, decision, refusal, cast(null as bigint) as days, cast(null as bigint) as differs_minor, false as is_named,
       false as is_known, cast(null as varchar) as place, false as has_reference, payouts_of_line, lines_of_payout
from judged
union all
select n.bank_line_id, n.payout_id, 'near' as how, cast(null as varchar) as decision, cast(null as varchar) as refusal, n.days, n.differs_minor, n.is_named,
       n.is_known, n.place, n.has_reference, cast(null as bigint) as payouts_of_line, cast(null as bigint) as lines_of_payout
from near as n
left join judged as r on n.bank_line_id = r.bank_line_id and n.payout_id = r.payout_id and r.decision = 'refused'
left join judged as a on n.bank_line_id = a.bank_line_id and a.decision = 'accepted' and a.refusal is null
left join judged as b on n.payout_id = b.payout_id and b.decision = 'accepted' and b.refusal is null
where r.bank_line_id is null and a.bank_line_id is null and b.bank_line_id is null
