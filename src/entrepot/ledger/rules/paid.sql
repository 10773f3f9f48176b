-- The buyer paid: the platform owes us, and we owe goods. Management view only; nothing reaches the P&L.
with dated as (
    -- Where the source gives no payment time the next later instant it gives stands in.
    select m.*, h.entity_id, h.business_zone, coalesce(m.paid_at, m.shipped_at, m.confirmed_at, m.placed_at) as paid_by
    from order_money as m join shops as h on m.shop = h.shop and m.channel = h.channel
),
paid as (
    select d.*, case when d.paid_by < z.split_at then z.day_before else z.day_after end as paid_on
    from dated as d
    join zone_days as z on d.business_zone = z.zone and cast(d.paid_by as date) = z.utc_day
    -- Points of an order that nobody paid are still the buyer's.
    where d.is_paid and d.paid_minor + d.tender_minor <> 0
),
sides as (
    select *, 1 as slot, 'platform_receivable' as account,
           paid_minor + tender_minor - case when deposit_paid_at is not null then deposit_minor else 0 end as amount_minor from paid
    union all
    select *, 2 as slot, 'contract_liability_deposit' as account,
           case when deposit_paid_at is not null then deposit_minor else 0 end as amount_minor from paid
    union all
    select *, 3 as slot, 'contract_liability_unshipped' as account, -(paid_minor + tender_minor) as amount_minor from paid
)
select
    cast('order' as varchar) as cause_kind, cast(order_key as varchar) as cause_id, cast(slot as bigint) as slot,
    cast(account as varchar) as account, cast(amount_minor as bigint) as amount_minor,
    cast(currency as varchar) as currency, cast(entity_id as varchar) as entity_id,
    cast(paid_on as date) as accounting_date, cast(paid_on as date) as document_date,
    cast(order_key as varchar) as order_key, cast(null as varchar) as order_line_id, cast(null as varchar) as sku_id,
    cast(channel as varchar) as channel, cast(shop as varchar) as shop, cast(null as varchar) as tax_code,
    cast(null as varchar) as wallet_id, cast(seen_at as timestamptz) as posted_at
from sides
