-- Taxes that a source states, and the VAT inside prices that follows from the SKU's rate.
select
    cast(t.order_key as varchar) as order_key, cast(t.channel as varchar) as channel, cast(t.line_id as varchar) as line_id,
    cast(t.kind as varchar) as kind, cast(t.jurisdiction as varchar) as jurisdiction, cast(t.rate_bp as bigint) as rate_bp,
    cast(t.currency as varchar) as currency, cast(t.base_minor as bigint) as base_minor,
    cast(t.amount_minor as bigint) as amount_minor, cast(t.liable_party as varchar) as liable_party,
    cast(t.collected_by as varchar) as collected_by, cast(t.remitted_by as varchar) as remitted_by,
    cast(t.borne_by as varchar) as borne_by, cast('stated' as varchar) as basis
from base_taxes as t
union all
select
    cast(p.order_key as varchar) as order_key, cast(p.channel as varchar) as channel,
    cast(coalesce(p.line_id, '') as varchar) as line_id, cast('vat_included' as varchar) as kind,
    cast(null as varchar) as jurisdiction, cast(p.vat_rate_bp as bigint) as rate_bp, cast(p.currency as varchar) as currency,
    cast(p.gross_minor - p.vat_minor as bigint) as base_minor, cast(p.vat_minor as bigint) as amount_minor,
    cast('merchant' as varchar) as liable_party, cast('merchant' as varchar) as collected_by,
    cast('merchant' as varchar) as remitted_by, cast('buyer' as varchar) as borne_by, cast('computed' as varchar) as basis
from base_order_pieces as p join base_order_positions as o on p.order_key = o.order_key
where o.is_paid and p.vat_rate_bp > 0 and p.vat_minor <> 0
