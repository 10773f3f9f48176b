-- Income, each fee and each refund of a row are lines of their own; a fee that is zero is none.
with parts as (
    select *, 'income' as part, 'order_income' as kind, document as item, income_minor as amount_minor
    from douyin_settlement where document_kind = 'settled'
    union all
    select *, 'refund' as part, 'order_refund' as kind, document as item, settled_minor as amount_minor
    from douyin_settlement where document_kind = 'refund'
    union all
    select *, 'service' as part, 'fee' as kind, '平台服务费' as item, service_minor as amount_minor
    from douyin_settlement where document_kind = 'settled' and service_minor <> 0
    union all
    select *, 'affiliate' as part, 'fee' as kind, '佣金' as item, affiliate_minor as amount_minor
    from douyin_settlement where document_kind = 'settled' and affiliate_minor <> 0
    union all
    select *, 'channel' as part, 'fee' as kind, '渠道分成' as item, channel_minor as amount_minor
    from douyin_settlement where document_kind = 'settled' and channel_minor <> 0
    union all
    select *, 'recruiting' as part, 'fee' as kind, '招商服务费' as item, recruiting_minor as amount_minor
    from douyin_settlement where document_kind = 'settled' and recruiting_minor <> 0
    union all
    select *, 'promotion' as part, 'fee' as kind, '站外推广费' as item, promotion_minor as amount_minor
    from douyin_settlement where document_kind = 'settled' and promotion_minor <> 0
    union all
    select *, 'other' as part, 'fee' as kind, '其他分成' as item, other_minor as amount_minor
    from douyin_settlement where document_kind = 'settled' and other_minor <> 0
)
select
    cast('douyin:' || p.line_id || ':' || p.part as varchar) as line_id,
    cast('douyin' as varchar) as channel,
    cast(month_in_beijing(p.booked_at) as varchar) as month,
    cast(p.shop as varchar) as shop,
    cast('douyin:' || coalesce(p.shop, 'unknown') as varchar) as wallet_id,
    cast('douyin:' || p.order_id as varchar) as order_key,
    cast(p.order_id as varchar) as order_id,
    cast(p.sub_order_id as varchar) as order_line_id,
    cast(p.kind as varchar) as kind,
    cast(i.fee_code as varchar) as fee_code,
    cast(p.item as varchar) as platform_item,
    cast(case when p.kind = 'fee' then cast(i.vat_rate_bp as bigint) else 0 end as bigint) as vat_rate_bp,
    cast('CNY' as varchar) as currency,
    cast(p.amount_minor as bigint) as amount_minor,
    cast(p.booked_at as timestamptz) as booked_at,
    cast(p.raw_id as varchar) as raw_id,
    cast(p.row_no as bigint) as row_no,
    cast(row_version(null, p.booked_at, p.exported_at, 0, p.raw_id, p.row_no) as varchar) as version
from parts as p left join douyin_items as i on p.item = i.item
