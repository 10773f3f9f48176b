-- Platform fees with the VAT inside them, positive when taken from the seller.
select
    cast(line_id as varchar) as line_id,
    cast(channel as varchar) as channel,
    cast(shop as varchar) as shop,
    cast(entity_id as varchar) as entity_id,
    cast(order_key as varchar) as order_key,
    cast(fee_code as varchar) as code,
    cast(currency as varchar) as currency,
    cast(-amount_minor as bigint) as gross_minor,
    cast(-amount_minor - vat_inside(-amount_minor, vat_rate_bp) as bigint) as net_minor,
    cast(vat_inside(-amount_minor, vat_rate_bp) as bigint) as vat_minor,
    cast(case when vat_rate_bp > 0 then 'pending' else 'not_creditable' end as varchar) as vat_status,
    cast(channel as varchar) as invoice_issuer,
    cast(null as varchar) as invoice_no,
    cast(null as boolean) as reverses_on_refund,
    cast(booked_at as timestamptz) as booked_at
from settled
where kind = 'fee'
