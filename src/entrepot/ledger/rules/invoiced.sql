-- Invoices for a platform's fees are there: the VAT that waited can be claimed, with the tax that the invoices state. What
-- the two differ by, for a fee's VAT is rounded by line, corrects the fee. The day is that of the last invoice of the bundle.
with taxes as (
    select f.bundle, sum_exact(b.tax_minor) as tax_minor, max(b.seen_at) as seen_at
    from invoice_fees as f
    join (select distinct invoice_key, tax_minor, seen_at from invoice_book) as b on f.item = b.invoice_key
    where f.part = 'invoice' and not f.is_doubtful group by f.bundle
),
waiting as (
    select f.bundle, f.issued_on, s.entity_id, s.shop_channel, s.shop, s.fee_code, s.vat_rate_bp, sum_exact(e.vat_minor) as vat_minor
    from invoice_fees as f
    join settled as s on f.item = s.line_id
    join fees as e on f.item = e.line_id
    where f.part = 'fee' and not f.is_doubtful
    group by f.bundle, f.issued_on, s.entity_id, s.shop_channel, s.shop, s.fee_code, s.vat_rate_bp
),
placed as (
    select w.*, t.tax_minor - sum_exact(w.vat_minor) over (partition by w.bundle) as rest_minor, t.seen_at,
        row_number() over (partition by w.bundle order by abs(w.vat_minor) desc nulls last, w.shop, w.fee_code, w.vat_rate_bp) as place
    from waiting as w join taxes as t on w.bundle = t.bundle
),
sides as (
    select p.*, 3 * p.place + n.slot as at_slot,
        case n.slot when 0 then 'input_vat' when 1 then 'input_vat_pending' else 'fee:' || p.fee_code end as account,
        case n.slot when 0 then p.vat_minor + case when p.place = 1 then p.rest_minor else 0 end when 1 then -p.vat_minor
                    else -case when p.place = 1 then p.rest_minor else 0 end end as side_minor
    from placed as p cross join (values (0), (1), (2)) as n(slot)
)
select
    cast('invoice' as varchar) as cause_kind, cast(bundle as varchar) as cause_id, cast(at_slot as bigint) as slot,
    cast(account as varchar) as account, cast(side_minor as bigint) as amount_minor,
    cast('CNY' as varchar) as currency, cast(entity_id as varchar) as entity_id,
    cast(issued_on as date) as accounting_date, cast(issued_on as date) as document_date,
    cast(null as varchar) as order_key, cast(null as varchar) as order_line_id, cast(null as varchar) as sku_id,
    cast(shop_channel as varchar) as channel, cast(shop as varchar) as shop,
    cast(case when account in ('input_vat', 'input_vat_pending') then cast(vat_rate_bp as varchar) end as varchar) as tax_code,
    cast(null as varchar) as wallet_id, cast(seen_at as timestamptz) as posted_at
from sides
