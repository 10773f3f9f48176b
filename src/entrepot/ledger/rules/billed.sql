-- What express companies, warehouses and agencies bill: an expense of the day of the service, owed to the vendor. Its tax is
-- a claim once the invoice is there.
with sides as (
    select *, 1 as slot,
           case when service = 'express' then 'fee:logistics_fee'
                when service = 'warehouse' then 'fee:storage_fee'
                when service = 'agency' then 'fee:agency_fee'
                else 'fee:other_fee' end as account,
           amount_minor - vat_minor as side_minor
    from bills where refusal is null
    union all
    select *, 2 as slot, 'input_vat_pending' as account, vat_minor as side_minor from bills where refusal is null
    union all
    select *, 3 as slot, 'accounts_payable' as account, -amount_minor as side_minor from bills where refusal is null
)
select
    cast('service_bill' as varchar) as cause_kind, cast(bill_line_id as varchar) as cause_id, cast(slot as bigint) as slot,
    cast(account as varchar) as account, cast(side_minor as bigint) as amount_minor,
    cast(currency as varchar) as currency, cast(entity_id as varchar) as entity_id,
    cast(billed_on as date) as accounting_date, cast(billed_on as date) as document_date,
    cast(order_key as varchar) as order_key, cast(null as varchar) as order_line_id, cast(null as varchar) as sku_id,
    cast(shop_channel as varchar) as channel, cast(shop as varchar) as shop, cast(null as varchar) as tax_code,
    cast(null as varchar) as wallet_id, cast(seen_at as timestamptz) as posted_at
from sides
