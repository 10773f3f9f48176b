select
    cast(account as varchar) as account,
    cast('own' as varchar) as channel,
    cast(own_code as varchar) as own_code,
    cast(own_name as varchar) as own_name,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, null, exported_at, 0, raw_id, row_no) as varchar) as version
from own_chart
