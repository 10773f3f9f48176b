-- What the fund movements tell beyond the settlement: sales, refunds and the fees taken with them stand there.
select
    cast('douyin:fund:' || flow_id as varchar) as line_id,
    cast('douyin' as varchar) as channel,
    cast(month_in_beijing(booked_at) as varchar) as month,
    cast(shop as varchar) as shop,
    cast('douyin:' || coalesce(shop, 'unknown') as varchar) as wallet_id,
    cast('douyin:' || order_id as varchar) as order_key,
    cast(order_id as varchar) as order_id,
    cast(sub_order_id as varchar) as order_line_id,
    cast(kind as varchar) as kind,
    cast(fee_code as varchar) as fee_code,
    cast(scene as varchar) as platform_item,
    cast(vat_rate_bp as bigint) as vat_rate_bp,
    cast('CNY' as varchar) as currency,
    cast(amount_minor as bigint) as amount_minor,
    cast(booked_at as timestamptz) as booked_at,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, booked_at, exported_at, 0, raw_id, row_no) as varchar) as version
from douyin_fund
where not is_told_by_settlement
