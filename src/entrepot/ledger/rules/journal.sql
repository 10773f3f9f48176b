-- What people booked: adjustments as they stand, opening balances against the opening account.
with sides as (
    select *, 2 * line_no as slot, account as side_account, amount_minor as side_minor from journals where refusal is null
    union all
    select *, 2 * line_no + 1 as slot, 'opening_balance' as side_account, -amount_minor as side_minor
    from journals where refusal is null and kind = 'opening'
)
select
    cast('journal' as varchar) as cause_kind, cast(journal_id as varchar) as cause_id, cast(slot as bigint) as slot,
    cast(side_account as varchar) as account, cast(side_minor as bigint) as amount_minor,
    cast(currency as varchar) as currency, cast(entity_id as varchar) as entity_id,
    cast(accounting_date as date) as accounting_date, cast(accounting_date as date) as document_date,
    cast(order_key as varchar) as order_key, cast(null as varchar) as order_line_id, cast(sku_id as varchar) as sku_id,
    cast(shop_channel as varchar) as channel, cast(shop as varchar) as shop, cast(null as varchar) as tax_code,
    cast(wallet_id as varchar) as wallet_id, cast(seen_at as timestamptz) as posted_at
from sides
