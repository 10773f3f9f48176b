select
    cast('{FORMAT}:' || order_id as varchar) as order_key,
    cast({CHANNEL} as varchar) as channel,
    cast(month_in_utc(placed_at) as varchar) as month,
    cast(line_id as varchar) as line_id,
    cast('tax_added' as varchar) as kind,
    cast(currency as varchar) as currency,
    cast(tax_minor as bigint) as amount_minor,
    cast('merchant' as varchar) as collected_by,
    cast('merchant' as varchar) as remitted_by,
    cast('buyer' as varchar) as borne_by,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, placed_at, exported_at, 0, raw_id, row_no) as varchar) as version
from {FORMAT}
