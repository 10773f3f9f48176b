-- Movements of the bank with the gross amount (what the other side sent) and the platforms that such a counterparty pays for,
-- and which of them, or of the payouts, take another one back. A movement that comes back within the days of a payout
-- cancels the one before it, unless the wallet shows the same; a payout that comes back likewise.
with paid_by as (
    select distinct b.bank_line_id, p.channel
    from bank_lines as b join payment_providers as p on contains(upper(b.counterparty), upper(p.name))
),
gross as (
    select bank_line_id, bank_account, booked_on, currency, amount_minor, coalesce(fee_minor, 0) as fee_minor,
           amount_minor + coalesce(fee_minor, 0) as gross_minor, counterparty, reference
    from bank_lines where amount_minor <> 0
),
sent_back as (
    select a.bank_line_id as first_id, z.bank_line_id as back_id,
        row_number() over (partition by z.bank_line_id order by a.booked_on desc, a.bank_line_id) as of_back,
        row_number() over (partition by a.bank_line_id order by z.booked_on, z.bank_line_id) as of_first
    from gross as a
    join gross as z on a.bank_account = z.bank_account and a.currency = z.currency and a.gross_minor = -z.gross_minor
        and a.counterparty = z.counterparty
    join (select distinct bank_line_id from paid_by) as k on a.bank_line_id = k.bank_line_id
    cross join policy_values as v
    where a.gross_minor > 0 and date_diff('day', a.booked_on, z.booked_on) between 0 and v.bank_days_max
      and not exists (select p.payout_id from payouts as p where p.currency = z.currency and p.amount_minor = z.gross_minor
                      and date_diff('day', p.paid_on, z.booked_on) between -v.bank_days_max and v.bank_days_max)
),
turned_back as (
    select a.payout_id as first_id, z.payout_id as back_id,
        row_number() over (partition by z.payout_id order by a.paid_on desc, a.payout_id) as of_back,
        row_number() over (partition by a.payout_id order by z.paid_on, z.payout_id) as of_first
    from payouts as a
    join payouts as z on a.channel = z.channel and a.shop = z.shop and coalesce(a.wallet_id, '') = coalesce(z.wallet_id, '')
        and a.currency = z.currency and a.amount_minor = -z.amount_minor
    cross join policy_values as v
    where a.amount_minor > 0 and a.kind <> 'top_up' and z.kind <> 'top_up'
      and date_diff('day', a.paid_on, z.paid_on) between 0 and v.bank_days_max
      and not exists (select g.bank_line_id from gross as g where g.currency = z.currency and g.gross_minor = z.amount_minor
                      and date_diff('day', z.paid_on, g.booked_on) between -v.bank_days_max and v.bank_days_max)
),
cancelled as (
    select first_id as item, back_id as other from sent_back where of_back = 1 and of_first = 1
    union all
    select back_id as item, first_id as other from sent_back where of_back = 1 and of_first = 1
    union all
    select first_id as item, back_id as other from turned_back where of_back = 1 and of_first = 1
    union all
    select back_id as item, first_id as other from turned_back where of_back = 1 and of_first = 1
)
select 'line' as side, g.bank_line_id as item, g.bank_account, g.booked_on as on_day, g.currency, g.amount_minor, g.fee_minor, g.gross_minor,
       g.counterparty is not null as is_named, p.channel, g.reference, cast(null as varchar) as number, cast(null as varchar) as place, c.other
from gross as g
left join paid_by as p on g.bank_line_id = p.bank_line_id
left join cancelled as c on g.bank_line_id = c.item
union all
select 'payout' as side, o.payout_id as item, cast(null as varchar) as bank_account, o.paid_on as on_day, o.currency, o.amount_minor,
       cast(0 as bigint) as fee_minor, o.amount_minor as gross_minor, false as is_named, o.channel, cast(null as varchar) as reference,
       coalesce(o.settlement_id, case when length(split_part(o.payout_id, ':', 2)) >= 8 then split_part(o.payout_id, ':', 2) end) as number,
       concat_ws('|', o.channel, o.shop, coalesce(o.wallet_id, '')) as place, c.other
from payouts as o left join cancelled as c on o.payout_id = c.item
