-- The first row of the report: what the batch covers, and the total that its rows must add up to.
with settled as (
    select * from amazon_settlement union all select * from amazon_settlement_v1
)
select
    cast('amazon:' || settlement_id as varchar) as settlement_key,
    cast('amazon' as varchar) as channel,
    cast(month_in_utc(start_at) as varchar) as month,
    cast(shop as varchar) as shop,
    cast(settlement_id as varchar) as settlement_id,
    cast(currency as varchar) as currency,
    cast(total_minor as bigint) as stated_total_minor,
    cast(start_at as timestamptz) as period_start_at,
    cast(end_at as timestamptz) as period_end_at,
    cast(deposit_at as timestamptz) as paid_out_at,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, end_at, exported_at, 0, raw_id, row_no) as varchar) as version
from settled
where is_total
