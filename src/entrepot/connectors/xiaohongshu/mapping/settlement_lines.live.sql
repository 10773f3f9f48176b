-- The sale or refund of a row and each of its fees; a refund gives fees back with the sign turned.
with parts as (
    select *, 'sale' as part, case when role = 'settled' then 'order_income' else 'order_refund' end as kind,
           transaction_type as item, sale_minor as amount_minor
    from xiaohongshu_live_settlements
    union all
    select *, 'commission' as part, 'fee' as kind, '佣金' as item, commission_minor as amount_minor from xiaohongshu_live_settlements
    union all
    select *, 'payment' as part, 'fee' as kind, '支付渠道费' as item, payment_minor as amount_minor from xiaohongshu_live_settlements
    union all
    select *, 'affiliate' as part, 'fee' as kind, '分销佣金' as item, affiliate_minor as amount_minor from xiaohongshu_live_settlements
    union all
    select *, 'instalment' as part, 'fee' as kind, '花呗分期手续费' as item, instalment_minor as amount_minor from xiaohongshu_live_settlements
    union all
    select *, 'extra' as part, 'fee' as kind, '附加费' as item, extra_minor as amount_minor from xiaohongshu_live_settlements
)
select
    cast('xiaohongshu:' || p.line_id || ':' || p.part as varchar) as line_id,
    cast('xiaohongshu' as varchar) as channel,
    cast(month_in_beijing(p.booked_at) as varchar) as month,
    cast(p.shop as varchar) as shop,
    cast('xiaohongshu:' || coalesce(p.shop, 'unknown') as varchar) as wallet_id,
    cast('xiaohongshu:' || p.order_id as varchar) as order_key,
    cast(p.order_id as varchar) as order_id,
    cast(p.kind as varchar) as kind,
    cast(i.fee_code as varchar) as fee_code,
    cast(p.item as varchar) as platform_item,
    cast(coalesce(cast(i.vat_rate_bp as bigint), 0) as bigint) as vat_rate_bp,
    cast('CNY' as varchar) as currency,
    cast(p.amount_minor as bigint) as amount_minor,
    cast(p.booked_at as timestamptz) as booked_at,
    cast(p.raw_id as varchar) as raw_id,
    cast(p.row_no as bigint) as row_no,
    cast(row_version(null, p.booked_at, p.exported_at, 0, p.raw_id, p.row_no) as varchar) as version
from parts as p left join xiaohongshu_items as i on p.item = i.item
where p.part = 'sale' or p.amount_minor <> 0
