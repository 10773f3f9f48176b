select
    cast('own' as varchar) as channel,
    cast(base_currency as varchar) as base_currency,
    cast(quote_currency as varchar) as quote_currency,
    cast(rate_on as date) as rate_on,
    cast(rate_source as varchar) as rate_source,
    cast(rate_e9 as bigint) as rate_e9,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, null, exported_at, 0, raw_id, row_no) as varchar) as version
from own_fx_rates
