with read as (
    -- What lists told, and orders that were read by their number because a message named them.
    select * from douyin_live_orders union all select * from douyin_live_order
),
opened as (
    select order_id, placed_at, modified_at, exported_at, state_rank, raw_id, row_no, unnest(lines) as l
    from read
),
cells as (
    select
        order_id, placed_at, modified_at, exported_at, state_rank, raw_id, row_no, l.line_id as line_id,
        minor_from_decimal(coalesce(l.shop_cost_amount, '0') || '', 0) as merchant_minor,
        minor_from_decimal(coalesce(l.platform_cost_amount, '0') || '', 0) as both_minor,
        minor_from_decimal(coalesce(l.author_cost_amount, '0') || '', 0) as talent_minor,
        minor_from_decimal(coalesce(l.promotion_pay_amount, '0') || '', 0) as provider_minor
    from opened
),
parts as (
    select order_id, placed_at, modified_at, exported_at, state_rank, raw_id, row_no, line_id,
           'merchant' as funder, 'promotion' as kind, merchant_minor as amount_minor from cells
    union all
    -- What the platform bears includes what the talent bears.
    select order_id, placed_at, modified_at, exported_at, state_rank, raw_id, row_no, line_id,
           'platform' as funder, 'coupon' as kind, both_minor - talent_minor as amount_minor from cells
    union all
    select order_id, placed_at, modified_at, exported_at, state_rank, raw_id, row_no, line_id,
           'talent' as funder, 'coupon' as kind, talent_minor as amount_minor from cells
    union all
    select order_id, placed_at, modified_at, exported_at, state_rank, raw_id, row_no, line_id,
           'payment_provider' as funder, 'promotion' as kind, provider_minor as amount_minor from cells
)
select
    cast('douyin:' || order_id as varchar) as order_key,
    cast('douyin' as varchar) as channel,
    cast(month_in_beijing(placed_at) as varchar) as month,
    cast(line_id as varchar) as line_id,
    cast(funder as varchar) as funder,
    cast(kind as varchar) as kind,
    cast('CNY' as varchar) as currency,
    cast(amount_minor as bigint) as amount_minor,
    cast(case when funder <> 'merchant' then 'settled' end as varchar) as settled_through,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(modified_at, null, exported_at, state_rank, raw_id, row_no) as varchar) as version
from parts
