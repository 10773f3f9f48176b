-- Movements that are one payout to the cent. Of several payouts that a movement could be, all of one wallet, it is the
-- nearest; where they are of several wallets, or nobody is named on the other side and there are several, a person decides.
with likely as (
    select * from bank_pairs
    where how = 'near' and differs_minor = 0 and (has_reference or is_known or not is_named)
),
within as (
    select l.*,
        min(case when has_reference then 0 else 1 end) over (partition by bank_line_id) as best_of_line,
        min(case when has_reference then 0 else 1 end) over (partition by payout_id) as best_of_payout
    from likely as l cross join policy_values as v
    where l.days <= v.bank_days_max
),
-- A reference that names a payout leaves no other choice to the movement, nor to the payout.
named as (
    select * from within where case when has_reference then 0 else 1 end = best_of_line and case when has_reference then 0 else 1 end = best_of_payout
),
counted as (
    select *,
        min(place) over (partition by bank_line_id) <> max(place) over (partition by bank_line_id) as has_places,
        count(*) over (partition by bank_line_id) as of_line, count(*) over (partition by payout_id) as of_payout
    from named
),
clear as (
    select * from counted
    where has_reference or (is_known and not has_places) or (not is_named and not has_places and of_line = 1 and of_payout = 1)
),
first_ranked as (
    select *, row_number() over (partition by bank_line_id order by abs(days), days desc, payout_id) as at_line,
        row_number() over (partition by payout_id order by abs(days), days desc, bank_line_id) as at_payout
    from clear
),
first_round as (select bank_line_id, payout_id, days, has_reference from first_ranked where at_line = 1 and at_payout = 1),
second_ranked as (
    select c.*, row_number() over (partition by c.bank_line_id order by abs(c.days), c.days desc, c.payout_id) as at_line,
        row_number() over (partition by c.payout_id order by abs(c.days), c.days desc, c.bank_line_id) as at_payout
    from clear as c
    left join first_round as l on c.bank_line_id = l.bank_line_id
    left join first_round as p on c.payout_id = p.payout_id
    where l.bank_line_id is null and p.payout_id is null
)
select bank_line_id, payout_id, days, case when has_reference then 'reference' else 'exact' end as rule from first_round
union all
select bank_line_id, payout_id, days, case when has_reference then 'reference' else 'exact' end as rule
from second_ranked where at_line = 1 and at_payout = 1
