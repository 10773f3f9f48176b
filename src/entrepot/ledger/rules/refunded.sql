-- Refunds of recognised orders reduce revenue and red output VAT, by piece; the money goes back out of escrow (before
-- recognition) or is a liability until the wallet pays it (after). Refunds of orders that were never recognised only
-- take back the liability to the buyer.
with base as (
    select r.refund_id, r.order_key, r.stage, r.money, r.amount_minor, r.accounting_date, r.refunded_at, r.currency,
           r.channel, r.shop, p.entity_id, p.recognised_on, p.paid_minor, m.paid_at, m.placed_at, m.seen_at, m.tax_kind, m.tax_remitted_by, m.vat_included_minor,
           h.business_zone
    from refunds as r
    join order_positions as p on r.order_key = p.order_key
    join order_money as m on r.order_key = m.order_key
    join shops as h on r.shop = h.shop and r.channel = h.channel
    where p.is_paid
),
dated as (
    select b.*, coalesce(b.accounting_date,
                         case when coalesce(b.refunded_at, b.paid_at, b.placed_at) < z.split_at then z.day_before else z.day_after end) as day
    from base as b
    join zone_days as z on b.business_zone = z.zone and cast(coalesce(b.refunded_at, b.paid_at, b.placed_at) as date) = z.utc_day
),
shares as (
    select d.*, x.piece_no, x.kind, x.line_id, x.sku_id, x.amount_minor as share_minor, c.vat_rate_bp, c.vat_minor, c.gross_minor
    from dated as d
    join refund_pieces as x on d.refund_id = x.refund_id
    join order_pieces as c on x.order_key = c.order_key and x.piece_no = c.piece_no
    where d.recognised_on is not null
),
taxed as (
    select *, case when vat_included_minor > 0
                        then case when gross_minor > 0 then half_up_div(product_exact(share_minor, vat_minor), gross_minor) else 0 end
                   else vat_inside(share_minor, vat_rate_bp) end as share_vat_minor
    from shares
),
sides as (
    select refund_id, order_key, channel, shop, currency, entity_id, day, seen_at, 10 + 2 * piece_no as slot,
           case when kind <> 'tax' then 'revenue_reduction'
                when tax_kind = 'customs_composite' then 'customs_tax_held'
                when tax_remitted_by = 'marketplace' then 'marketplace_tax_clearing'
                else 'output_vat' end as account,
           share_minor - share_vat_minor as amount_minor, line_id, sku_id,
           case when kind = 'tax' then tax_kind else cast(vat_rate_bp as varchar) end as tax_code
    from taxed
    union all
    select refund_id, order_key, channel, shop, currency, entity_id, day, seen_at, 11 + 2 * piece_no as slot,
           'output_vat' as account, share_vat_minor as amount_minor, line_id, sku_id, cast(vat_rate_bp as varchar) as tax_code
    from taxed
    union all
    select refund_id, order_key, channel, shop, currency, entity_id, day, seen_at, 1 as slot,
           'contract_liability_unshipped' as account, amount_minor, null as line_id, null as sku_id, null as tax_code
    from dated where recognised_on is null
    union all
    select refund_id, order_key, channel, shop, currency, entity_id, day, seen_at, 2 as slot,
           case when money = 'returned' then 'refund_liability' else 'platform_receivable' end as account,
           -amount_minor as amount_minor, null as line_id, null as sku_id, null as tax_code
    from dated
)
select
    cast('refund' as varchar) as cause_kind, cast(refund_id as varchar) as cause_id, cast(slot as bigint) as slot,
    cast(account as varchar) as account, cast(amount_minor as bigint) as amount_minor,
    cast(currency as varchar) as currency, cast(entity_id as varchar) as entity_id,
    cast(day as date) as accounting_date, cast(day as date) as document_date,
    cast(order_key as varchar) as order_key, cast(line_id as varchar) as order_line_id, cast(sku_id as varchar) as sku_id,
    cast(channel as varchar) as channel, cast(shop as varchar) as shop, cast(tax_code as varchar) as tax_code,
    cast(null as varchar) as wallet_id, cast(seen_at as timestamptz) as posted_at
from sides
