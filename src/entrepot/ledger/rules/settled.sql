-- Every settlement line moves a wallet; the other side is what the line was for. Lines that name no known order stand
-- in suspense until the order comes.
with lines as (
    select s.*, coalesce(f.net_minor, 0) as net_minor, coalesce(f.vat_minor, 0) as vat_minor, f.code
    from settled as s left join fees as f on s.line_id = f.line_id
    where s.entity_id is not null
),
sides as (
    select *, 1 as slot, 'wallet' as account, amount_minor as side_minor, null as tax_code from lines
    union all
    select *, 2 as slot,
           case when kind in ('order_income', 'order_refund') and not has_order then 'suspense'
                when kind = 'order_income' then 'platform_receivable'
                when kind = 'order_refund' then 'refund_liability'
                when kind = 'ad_topup' then 'ad_prepaid'
                when kind = 'ad_spend' then 'ad_spend'
                when kind = 'tax_withheld' then 'marketplace_tax_clearing'
                when kind = 'reserve' then 'wallet_reserve'
                when kind in ('withdrawal', 'transfer') then 'cash_in_transit'
                when kind = 'compensation' then 'buyer_compensation'
                when kind = 'opening' then 'opening_balance'
                else 'suspense' end as account,
           -amount_minor as side_minor, null as tax_code
    from lines where kind <> 'fee'
    union all
    select *, 2 as slot, 'fee:' || code as account, net_minor as side_minor, null as tax_code from lines where kind = 'fee'
    union all
    select *, 3 as slot, 'input_vat_pending' as account, vat_minor as side_minor, cast(vat_rate_bp as varchar) as tax_code
    from lines where kind = 'fee'
)
select
    cast('settlement_line' as varchar) as cause_kind, cast(line_id as varchar) as cause_id, cast(slot as bigint) as slot,
    cast(account as varchar) as account, cast(side_minor as bigint) as amount_minor,
    cast(currency as varchar) as currency, cast(entity_id as varchar) as entity_id,
    cast(booked_on as date) as accounting_date, cast(booked_on as date) as document_date,
    cast(order_key as varchar) as order_key, cast(null as varchar) as order_line_id, cast(sku_id as varchar) as sku_id,
    cast(shop_channel as varchar) as channel, cast(shop as varchar) as shop, cast(tax_code as varchar) as tax_code,
    cast(wallet_id as varchar) as wallet_id, cast(seen_at as timestamptz) as posted_at
from sides
