select
    cast(channel as varchar) as channel,
    cast(seller_name as varchar) as seller_name,
    cast(seller_tax_no as varchar) as seller_tax_no,
    cast(fee_codes as varchar) as fee_codes,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, null, exported_at, 0, raw_id, row_no) as varchar) as version
from own_invoice_issuers
