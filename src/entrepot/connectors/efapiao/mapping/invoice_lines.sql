select
    cast(invoice_key as varchar) as invoice_key,
    cast(line_no as bigint) as line_no,
    cast('own' as varchar) as channel,
    cast(month_in_beijing(issued_at) as varchar) as month,
    cast(tax_code as varchar) as tax_code,
    cast(title as varchar) as title,
    cast('CNY' as varchar) as currency,
    cast(vat_rate_bp as bigint) as vat_rate_bp,
    cast(net_minor as bigint) as net_minor,
    cast(tax_minor as bigint) as tax_minor,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, null, exported_at, 0, raw_id, row_no) as varchar) as version
from efapiao_lines
