-- A payout, as its transactions name it. Its day may change until it is paid, so it has no month of its own; its total
-- is not stated here, since a file by month cuts payouts in two.
select
    cast('shopify:' || shop || ':' || payout_id as varchar) as settlement_key,
    cast('shopify' as varchar) as channel,
    cast('all' as varchar) as month,
    cast(shop as varchar) as shop,
    cast(payout_id as varchar) as settlement_id,
    cast(currency as varchar) as currency,
    cast(paid_out_at as timestamptz) as paid_out_at,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, paid_out_at, exported_at, state_rank, raw_id, row_no) as varchar) as version
from shopify_payouts
where payout_id is not null
qualify row_number() over (partition by raw_id, payout_id order by state_rank desc, row_no desc) = 1
