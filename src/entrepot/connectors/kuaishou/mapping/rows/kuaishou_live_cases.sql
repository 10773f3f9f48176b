-- After-sale cases by API, one row per case of open.seller.order.refund.pcursor.list. An exchange that succeeded gave no
-- money back.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, w.refundId as case_id, w.oid as order_id, w.status as code, w.handlingWay as way,
        w.negotiateStatus as talk, w.itemId as listing_id, w.skuNick as sku_code,
        case when regexp_matches(w.createTime, '\A[1-9][0-9]{12}\z') then to_timestamp(cast(left(w.createTime, 10) as bigint)) end as applied_at,
        case when regexp_matches(w.updateTime, '\A[1-9][0-9]{12}\z') then to_timestamp(cast(left(w.updateTime, 10) as bigint)) end as modified_at,
        case when regexp_matches(w.endTime, '\A[1-9][0-9]{12}\z') then to_timestamp(cast(left(w.endTime, 10) as bigint)) end as ended_at,
        minor_from_decimal(coalesce(w.refundFee, '0'), 0) as refund_minor
    from wire as w join files as f on w.raw_id = f.raw_id
)
select
    c.raw_id, c.row_no, c.case_id as row_key, c.case_id, c.order_id, c.shop, c.code, c.listing_id, c.sku_code,
    c.applied_at, c.modified_at, c.exported_at, c.refund_minor, k.kind,
    -- 商家驳回，等待买家修改
    case when s.process = 'applied' and c.talk = '3' then 'refused' else s.process end as process,
    case when k.kind = 'exchange' then 'none' else s.money end as money,
    case when s.process in ('succeeded', 'closed') then coalesce(c.ended_at, c.modified_at) end as closed_at,
    cast(coalesce(s.state_rank, '0') as bigint) as state_rank,
    case
        when not is_plain_id(c.case_id) then 'bad_id:refundId'
        when not is_plain_id(c.order_id) then 'bad_id:oid'
        when c.applied_at is null then 'bad_time:createTime'
        when c.modified_at is null then 'bad_time:updateTime'
        when c.refund_minor is null then 'bad_money:refundFee'
        when c.refund_minor < 0 then 'negative_amount:refundFee'
        when s.code is null then 'unknown_code:status:' || coalesce(c.code, '')
        when k.code is null then 'unknown_code:handlingWay:' || coalesce(c.way, '')
    end as reject
from cells as c
left join kuaishou_case_codes as s on c.code = s.code
left join kuaishou_case_kinds as k on c.way = k.code
