select
    cast(sku_id as varchar) as sku_id,
    cast('own' as varchar) as channel,
    cast(valid_on as date) as valid_from,
    cast(currency as varchar) as currency,
    cast(cost_minor as bigint) as cost_minor,
    cast('standard' as varchar) as method,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, valid_at, exported_at, 0, raw_id, row_no) as varchar) as version
from own_sku_list
where cost_minor is not null
