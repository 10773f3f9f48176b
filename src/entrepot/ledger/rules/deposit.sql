-- Presale: the deposit is a liability from the day it is paid. When the order is closed unpaid it becomes income, or
-- goes back when the source states a refund. The order list has no closing time, so both count on the deposit's day.
with dated as (
    select m.*, h.entity_id, h.business_zone from order_money as m join shops as h on m.shop = h.shop and m.channel = h.channel
    where m.deposit_paid_at is not null and m.deposit_minor > 0
),
deposits as (
    select d.*, case when d.deposit_paid_at < z.split_at then z.day_before else z.day_after end as deposit_on,
        d.commercial_state = 'cancelled_unpaid' and d.paid_minor = 0 as is_closed,
        least(d.refund_stated_minor, d.deposit_minor) as returned_minor
    from dated as d
    join zone_days as z on d.business_zone = z.zone and cast(d.deposit_paid_at as date) = z.utc_day
),
sides as (
    select *, 1 as slot, 'platform_receivable' as account, deposit_minor as amount_minor from deposits
    union all
    select *, 2 as slot, 'contract_liability_deposit' as account, -deposit_minor as amount_minor from deposits
    union all
    select *, 3 as slot, 'contract_liability_deposit' as account, deposit_minor as amount_minor from deposits where is_closed
    union all
    select *, 4 as slot, 'forfeited_deposit_income' as account, -(deposit_minor - returned_minor) as amount_minor
    from deposits where is_closed
    union all
    select *, 5 as slot, 'platform_receivable' as account, -returned_minor as amount_minor from deposits where is_closed
)
select
    cast('order' as varchar) as cause_kind, cast(order_key as varchar) as cause_id, cast(slot as bigint) as slot,
    cast(account as varchar) as account, cast(amount_minor as bigint) as amount_minor,
    cast(currency as varchar) as currency, cast(entity_id as varchar) as entity_id,
    cast(deposit_on as date) as accounting_date, cast(deposit_on as date) as document_date,
    cast(order_key as varchar) as order_key, cast(null as varchar) as order_line_id, cast(null as varchar) as sku_id,
    cast(channel as varchar) as channel, cast(shop as varchar) as shop, cast(null as varchar) as tax_code,
    cast(null as varchar) as wallet_id, cast(seen_at as timestamptz) as posted_at
from sides
