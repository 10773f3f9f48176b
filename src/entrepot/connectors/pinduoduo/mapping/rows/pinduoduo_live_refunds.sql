-- Refunds by API, one row per refund of pdd.refund.list.increment.get. The kind is what the type says; where it is not
-- stated, what the state implies.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, w.refund_id as case_id, w.order_sn as order_id, w.after_sales_status as code,
        w.after_sales_type as type_code, w.goods_id as listing_id, w.outer_id as sku_code,
        instant_from_beijing(w.created_time) as applied_at,
        instant_from_beijing(w.updated_time) as modified_at,
        minor_from_decimal(w.refund_amount, 2) as refund_minor
    from wire as w join files as f on w.raw_id = f.raw_id
)
select
    c.raw_id, c.row_no, c.case_id as row_key, c.case_id, c.order_id, c.shop, c.code, c.listing_id, c.sku_code,
    c.applied_at, c.modified_at, c.exported_at, c.refund_minor, s.process, s.money,
    cast(coalesce(s.state_rank, '0') as bigint) as state_rank,
    case when s.kind in ('door_rejection', 'recall_intercept', 'repair') then s.kind else coalesce(t.kind, s.kind) end as kind,
    case
        when not is_plain_id(c.case_id) then 'bad_id:id'
        when not is_plain_id(c.order_id) then 'bad_id:order_sn'
        when c.applied_at is null then 'bad_time:created_time'
        when c.modified_at is null then 'bad_time:updated_time'
        when c.refund_minor is null then 'bad_money:refund_amount'
        when c.refund_minor < 0 then 'negative_amount:refund_amount'
        when s.code is null then 'unknown_code:after_sales_status:' || coalesce(c.code, '')
        when c.type_code is not null and t.code is null then 'unknown_code:after_sales_type:' || c.type_code
    end as reject
from cells as c
left join pinduoduo_case_status_codes as s on c.code = s.code
left join pinduoduo_case_type_codes as t on c.type_code = t.code
