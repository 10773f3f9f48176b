-- Advertising consumed on a day, out of what was topped up.
with spent as (
    select a.*, h.entity_id from ad_spend as a join shops as h on a.shop = h.shop and a.channel = h.channel
),
sides as (
    select *, 1 as slot, 'ad_spend' as account, amount_minor as side_minor from spent
    union all
    select *, 2 as slot, 'ad_prepaid' as account, -amount_minor as side_minor from spent
)
select
    cast('ad_spend' as varchar) as cause_kind, cast(spend_id as varchar) as cause_id, cast(slot as bigint) as slot,
    cast(account as varchar) as account, cast(side_minor as bigint) as amount_minor,
    cast(currency as varchar) as currency, cast(entity_id as varchar) as entity_id,
    cast(spent_on as date) as accounting_date, cast(spent_on as date) as document_date,
    cast(null as varchar) as order_key, cast(null as varchar) as order_line_id, cast(null as varchar) as sku_id,
    cast(channel as varchar) as channel, cast(shop as varchar) as shop, cast(null as varchar) as tax_code,
    cast(null as varchar) as wallet_id, cast(seen_at as timestamptz) as posted_at
from sides
