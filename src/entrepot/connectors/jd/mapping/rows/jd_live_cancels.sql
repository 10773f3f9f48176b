-- Refunds of orders that were cancelled before they left, one row per application. Approval is not yet money returned.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, w.id as case_id, w.orderId as order_id, w.status as code,
        instant_from_beijing(w.applyTime) as applied_at,
        instant_from_beijing(w.checkTime) as checked_at,
        instant_from_beijing(w.modified) as changed_at,
        minor_from_decimal(w.applyRefundSum, 0) as refund_minor
    from wire as w join files as f on w.raw_id = f.raw_id
)
select
    c.raw_id, c.row_no, c.case_id as row_key, c.case_id, c.order_id, c.shop, c.code, c.applied_at, c.exported_at, c.refund_minor,
    greatest(c.applied_at, coalesce(c.checked_at, c.applied_at), coalesce(c.changed_at, c.applied_at)) as modified_at,
    s.kind, s.process, s.money, cast(coalesce(s.state_rank, '0') as bigint) as state_rank,
    case
        when not is_plain_id(c.case_id) then 'bad_id:id'
        when not is_plain_id(c.order_id) then 'bad_id:orderId'
        when c.applied_at is null then 'bad_time:applyTime'
        when c.refund_minor is null then 'bad_money:applyRefundSum'
        when c.refund_minor < 0 then 'negative_amount:applyRefundSum'
        when s.code is null then 'unknown_code:status:' || coalesce(c.code, '')
    end as reject
from cells as c left join jd_cancel_status as s on c.code = s.code
