-- Platform fees with the VAT inside them, positive when taken from the seller. The VAT can be claimed once the invoice is there.
select
    cast(s.line_id as varchar) as line_id,
    cast(s.channel as varchar) as channel,
    cast(s.shop as varchar) as shop,
    cast(s.entity_id as varchar) as entity_id,
    cast(s.order_key as varchar) as order_key,
    cast(s.fee_code as varchar) as code,
    cast(s.currency as varchar) as currency,
    cast(-s.amount_minor as bigint) as gross_minor,
    cast(-s.amount_minor - vat_inside(-s.amount_minor, s.vat_rate_bp) as bigint) as net_minor,
    cast(vat_inside(-s.amount_minor, s.vat_rate_bp) as bigint) as vat_minor,
    cast(case when i.item is not null then 'invoiced' when s.vat_rate_bp > 0 then 'pending' else 'not_creditable' end as varchar) as vat_status,
    cast(s.channel as varchar) as invoice_issuer,
    cast(i.invoice_no as varchar) as invoice_no,
    cast(null as boolean) as reverses_on_refund,
    cast(s.booked_at as timestamptz) as booked_at
from settled as s
left join (select item, invoice_no from invoice_fees where part = 'fee' and not is_doubtful) as i on s.line_id = i.item
where s.kind = 'fee'
