-- Money on its way between a platform and the bank: withdrawals from wallets and what pays a batch, negative where it came
-- back. A batch whose lines do not state its payout is paid with its own total. Money that a wallet changes into another
-- currency stays in it and is no payout: two transfers of one instant in two currencies.
with exchanged as (
    select wallet_id, booked_at from settled where kind = 'transfer' and settlement_id is null
    group by wallet_id, booked_at having count(distinct currency) > 1
),
told as (
    select s.line_id as payout_id,
           case when s.kind = 'transfer' and s.settlement_id is null then 'top_up' else 'withdrawal' end as kind, s.channel,
           s.shop_channel, s.shop, s.entity_id, s.wallet_id, s.settlement_id, s.currency, -s.amount_minor as amount_minor, s.booked_on
    from settled as s
    left join exchanged as x on s.wallet_id = x.wallet_id and s.booked_at = x.booked_at
    where s.kind in ('withdrawal', 'transfer') and s.amount_minor <> 0
      and (x.wallet_id is null or s.kind <> 'transfer' or s.settlement_id is not null)
),
batches as (
    select b.settlement_key, b.settlement_id, b.channel, b.currency, b.stated_total_minor, b.paid_out_at,
           min(s.shop_channel) as shop_channel, min(s.shop) as shop, min(s.entity_id) as entity_id, min(s.wallet_id) as wallet_id,
           bool_or(s.kind = 'transfer' or (s.kind = 'withdrawal' and s.amount_minor = -b.stated_total_minor)) as has_own_line
    from settlements as b join settled as s on b.channel = s.channel and b.settlement_id = s.settlement_id
    where b.stated_total_minor <> 0 and b.paid_out_at is not null
    group by b.settlement_key, b.settlement_id, b.channel, b.currency, b.stated_total_minor, b.paid_out_at
),
unstated as (
    select b.settlement_key as payout_id, 'batch' as kind, b.channel, b.shop_channel, b.shop, b.entity_id, b.wallet_id,
           b.settlement_id, b.currency, b.stated_total_minor as amount_minor,
           case when b.paid_out_at < z.split_at then z.day_before else z.day_after end as booked_on
    from batches as b
    left join shops as h on b.shop = h.shop and b.shop_channel = h.channel
    left join zone_days as z on coalesce(h.business_zone, 'UTC') = z.zone and cast(b.paid_out_at as date) = z.utc_day
    where not b.has_own_line
),
found as (select * from told union all select * from unstated)
select
    cast(payout_id as varchar) as payout_id,
    cast(kind as varchar) as kind,
    cast(channel as varchar) as channel,
    cast(shop_channel as varchar) as shop_channel,
    cast(shop as varchar) as shop,
    cast(entity_id as varchar) as entity_id,
    cast(wallet_id as varchar) as wallet_id,
    cast(settlement_id as varchar) as settlement_id,
    cast(currency as varchar) as currency,
    cast(amount_minor as bigint) as amount_minor,
    cast(booked_on as date) as paid_on
from found
