-- Which movement of the bank is which payout. What a person must confirm is `proposed` and posts nothing. A movement counts
-- once, and so does a payout: what is matched of either is never more than it is.
with lines as (
    select distinct item, bank_account, on_day, currency, amount_minor, fee_minor, gross_minor from bank_sides where side = 'line'
),
decided as (
    select bank_line_id, payout_id, payouts_of_line, lines_of_payout from bank_pairs
    where how = 'decided' and decision = 'accepted' and refusal is null
),
in_sums as (
    select rule, bank_line_id, payout_id, is_doubtful from bank_grouped
    union all
    select rule, bank_line_id, payout_id, is_doubtful from bank_spread
),
joined as (
    select bank_line_id, payout_id, 'matched' as state, rule, case when rule = 'merged' then 'payouts' else 'lines' end as whole
    from in_sums where not is_doubtful
    union all
    select bank_line_id, payout_id, 'matched' as state, rule, 'payouts' as whole from bank_exact
    union all
    select bank_line_id, payout_id, 'confirmed' as state, 'person' as rule, case when payouts_of_line > 1 then 'payouts' else 'lines' end as whole
    from decided
),
numbered as (
    select j.*, row_number() over (partition by bank_line_id order by payout_id) as at_line from joined as j
),
firm as (
    select n.bank_line_id, n.payout_id, n.state, n.rule, cast(null as varchar) as reason,
        -- Of a movement that is several payouts each is whole, and the fee is of the first; else the movement is whole.
        case when n.at_line = 1 then l.fee_minor else 0 end as fee_minor,
        case when n.whole = 'payouts' and l.currency = p.currency then p.amount_minor - case when n.at_line = 1 then l.fee_minor else 0 end
             else l.amount_minor end as bank_minor,
        case when n.whole = 'payouts' or l.currency <> p.currency then p.amount_minor else l.gross_minor end as payout_minor
    from numbered as n
    join lines as l on n.bank_line_id = l.item
    join payouts as p on n.payout_id = p.payout_id
),
likely as (
    select q.bank_line_id, q.payout_id,
        case when q.differs_minor = 0 and q.days <= v.bank_days_max and q.is_named and not q.is_known then 'other_counterparty'
             when q.differs_minor = 0 and q.days <= v.bank_days_max then 'several_alike'
             when q.differs_minor = 0 and q.is_known then 'near_day'
             when q.is_known and q.days <= v.bank_days_max then 'near_amount' end as reason,
        abs(q.differs_minor) as far_minor, abs(q.days) as far_days
    from bank_pairs as q cross join policy_values as v
    where q.how = 'near'
    union all
    select bank_line_id, payout_id, 'several_alike' as reason, 0 as far_minor, 0 as far_days from in_sums where is_doubtful
),
open_ones as (
    select k.bank_line_id, k.payout_id, min(k.reason) as reason,
        row_number() over (partition by k.bank_line_id order by min(k.far_minor), min(k.far_days), k.payout_id) as place
    from likely as k
    left join firm as l on k.bank_line_id = l.bank_line_id
    left join firm as p on k.payout_id = p.payout_id
    where k.reason is not null and l.bank_line_id is null and p.payout_id is null
    group by k.bank_line_id, k.payout_id
),
proposed as (
    select o.bank_line_id, o.payout_id, 'proposed' as state, 'near' as rule, o.reason, l.fee_minor, l.amount_minor as bank_minor, p.amount_minor as payout_minor
    from open_ones as o join lines as l on o.bank_line_id = l.item join payouts as p on o.payout_id = p.payout_id
    where o.place <= 5
),
cancelled as (
    select distinct case when side = 'line' then item end as bank_line_id, case when side = 'payout' then item end as payout_id, 'returned' as state,
        'returned' as rule, cast(null as varchar) as reason, 0 as fee_minor, case when side = 'line' then amount_minor end as bank_minor,
        case when side = 'payout' then amount_minor end as payout_minor
    from bank_sides where other is not null
),
found as (
    select * from firm union all select * from proposed union all
    select bank_line_id, payout_id, state, rule, reason, fee_minor, bank_minor, payout_minor from cancelled
)
select
    cast(digest(coalesce(f.bank_line_id, '') || '|' || coalesce(f.payout_id, '')) as varchar) as match_id,
    cast(f.bank_line_id as varchar) as bank_line_id,
    cast(f.payout_id as varchar) as payout_id,
    cast(f.state as varchar) as state,
    cast(f.rule as varchar) as rule,
    cast(f.reason as varchar) as reason,
    cast(p.channel as varchar) as channel,
    cast(p.shop_channel as varchar) as shop_channel,
    cast(p.shop as varchar) as shop,
    cast(p.entity_id as varchar) as entity_id,
    cast(p.wallet_id as varchar) as wallet_id,
    cast(l.bank_account as varchar) as bank_account,
    cast(l.on_day as date) as booked_on,
    cast(p.paid_on as date) as paid_on,
    cast(date_diff('day', p.paid_on, l.on_day) as bigint) as days,
    cast(l.currency as varchar) as currency,
    cast(f.bank_minor as bigint) as bank_minor,
    cast(f.fee_minor as bigint) as fee_minor,
    cast(p.currency as varchar) as payout_currency,
    cast(f.payout_minor as bigint) as payout_minor
from found as f
left join lines as l on f.bank_line_id = l.item
left join payouts as p on f.payout_id = p.payout_id
