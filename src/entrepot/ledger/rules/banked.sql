-- Money on its way arrives: what is matched leaves the transit account, and what the bank kept is a fee. A payout in another
-- currency leaves in its own and arrives in the bank's; between the two stands the realised exchange difference. A batch
-- whose lines do not state its payout leaves its wallet on the day it is paid.
with matched as (
    select m.match_id, m.bank_minor, m.fee_minor, m.payout_minor, m.currency as bank_currency, m.payout_currency, m.entity_id,
           m.booked_on, m.shop_channel, m.shop, m.bank_account, m.wallet_id, b.seen_at
    from bank_matches as m join bank_lines as b on m.bank_line_id = b.bank_line_id
    where m.state in ('matched', 'confirmed') and m.entity_id is not null
),
sides as (
    select 'bank_match' as cause_kind, match_id as cause_id, 1 as slot, 'bank' as account, bank_minor as side_minor, bank_currency as currency, entity_id,
           booked_on as on_day, shop_channel, shop, 'bank:' || bank_account as place, seen_at from matched
    union all
    select 'bank_match' as cause_kind, match_id as cause_id, 2 as slot, 'fee:payment_fee' as account, fee_minor as side_minor, bank_currency as currency, entity_id,
           booked_on as on_day, shop_channel, shop, cast(null as varchar) as place, seen_at from matched
    union all
    select 'bank_match' as cause_kind, match_id as cause_id, 3 as slot, 'cash_in_transit' as account, -payout_minor as side_minor, payout_currency as currency,
           entity_id, booked_on as on_day, shop_channel, shop, wallet_id as place, seen_at from matched
    union all
    select 'bank_match' as cause_kind, match_id as cause_id, 4 as slot, 'fx_realised' as account, payout_minor as side_minor, payout_currency as currency,
           entity_id, booked_on as on_day, shop_channel, shop, cast(null as varchar) as place, seen_at from matched where payout_currency <> bank_currency
    union all
    select 'bank_match' as cause_kind, match_id as cause_id, 5 as slot, 'fx_realised' as account, -bank_minor - fee_minor as side_minor, bank_currency as currency, entity_id,
           booked_on as on_day, shop_channel, shop, cast(null as varchar) as place, seen_at from matched where payout_currency <> bank_currency
    union all
    select 'payout' as cause_kind, p.payout_id as cause_id, n.slot, case n.slot when 1 then 'cash_in_transit' else 'wallet' end as account,
           case n.slot when 1 then p.amount_minor else -p.amount_minor end as side_minor, p.currency, p.entity_id, p.paid_on as on_day, p.shop_channel,
           p.shop, p.wallet_id as place, b.seen_at
    from payouts as p join settlements as b on p.payout_id = b.settlement_key cross join (values (1), (2)) as n(slot)
    where p.kind = 'batch' and p.entity_id is not null
)
select
    cast(cause_kind as varchar) as cause_kind, cast(cause_id as varchar) as cause_id, cast(slot as bigint) as slot,
    cast(account as varchar) as account, cast(side_minor as bigint) as amount_minor,
    cast(currency as varchar) as currency, cast(entity_id as varchar) as entity_id,
    cast(on_day as date) as accounting_date, cast(on_day as date) as document_date,
    cast(null as varchar) as order_key, cast(null as varchar) as order_line_id, cast(null as varchar) as sku_id,
    cast(shop_channel as varchar) as channel, cast(shop as varchar) as shop, cast(null as varchar) as tax_code,
    cast(place as varchar) as wallet_id, cast(seen_at as timestamptz) as posted_at
from sides
