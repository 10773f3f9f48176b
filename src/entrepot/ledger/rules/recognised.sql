-- Revenue: the liability to the buyer and what third parties owe become revenue net of VAT, by line. Where the order's
-- own money does not add up, the gap stands in suspense and the order is an exception. Tax that the platform keeps and
-- pays for us is held and settled at once: the platform owes that much less.
with base as (
    select p.order_key, p.recognised_on, p.entity_id, p.channel, p.shop, p.currency, m.seen_at,
           p.paid_minor + p.tender_minor as buyer_minor,
           p.discount_platform_minor + p.discount_other_minor as funded_minor, p.identity_gap_minor, p.tax_kept_minor,
           m.tax_kind, m.tax_remitted_by
    from order_positions as p join order_money as m on p.order_key = m.order_key
    where p.recognised_on is not null
),
sides as (
    select b.*, 1 as slot, 'contract_liability_unshipped' as account, b.buyer_minor as amount_minor,
           null as line_id, null as sku_id, null as tax_code from base as b
    union all
    select b.*, 2 as slot, 'platform_receivable' as account, b.funded_minor as amount_minor,
           null as line_id, null as sku_id, null as tax_code from base as b
    union all
    select b.*, 3 as slot, 'suspense' as account, b.identity_gap_minor as amount_minor,
           null as line_id, null as sku_id, null as tax_code from base as b
    union all
    select b.*, 4 as slot, 'customs_tax_held' as account, b.tax_kept_minor as amount_minor,
           null as line_id, null as sku_id, null as tax_code from base as b
    union all
    select b.*, 5 as slot, 'platform_receivable' as account, -b.tax_kept_minor as amount_minor,
           null as line_id, null as sku_id, null as tax_code from base as b
    union all
    select b.*, 10 + 2 * c.piece_no as slot,
           case when c.kind = 'shipping' then 'revenue_shipping'
                when c.kind = 'line' then 'revenue_goods'
                when b.tax_kind = 'customs_composite' then 'customs_tax_held'
                when b.tax_remitted_by = 'marketplace' then 'marketplace_tax_clearing'
                else 'output_vat' end as account,
           -(c.gross_minor - c.vat_minor) as amount_minor, c.line_id, c.sku_id,
           case when c.kind = 'tax' then b.tax_kind else cast(c.vat_rate_bp as varchar) end as tax_code
    from base as b join order_pieces as c on b.order_key = c.order_key
    union all
    select b.*, 11 + 2 * c.piece_no as slot, 'output_vat' as account, -c.vat_minor as amount_minor, c.line_id, c.sku_id,
           cast(c.vat_rate_bp as varchar) as tax_code
    from base as b join order_pieces as c on b.order_key = c.order_key
)
select
    cast('order' as varchar) as cause_kind, cast(order_key as varchar) as cause_id, cast(slot as bigint) as slot,
    cast(account as varchar) as account, cast(amount_minor as bigint) as amount_minor,
    cast(currency as varchar) as currency, cast(entity_id as varchar) as entity_id,
    cast(recognised_on as date) as accounting_date, cast(recognised_on as date) as document_date,
    cast(order_key as varchar) as order_key, cast(line_id as varchar) as order_line_id, cast(sku_id as varchar) as sku_id,
    cast(channel as varchar) as channel, cast(shop as varchar) as shop, cast(tax_code as varchar) as tax_code,
    cast(null as varchar) as wallet_id, cast(seen_at as timestamptz) as posted_at
from sides
