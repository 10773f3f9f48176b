-- After-sale services with their refunds, one row per service. Instants come as text in Beijing time or as milliseconds,
-- as the two generations of the SDK read them. 13 and 14 are the only states of a refund that have a name.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, w.serviceId as case_id, w.orderId as order_id, w.skuId as listing_id,
        w.status as code, w.customerExpect as expects,
        case when regexp_matches(w.afsApplyTime, '\A[1-9][0-9]{12}\z') then to_timestamp(cast(left(w.afsApplyTime, 10) as bigint))
             else instant_from_beijing(w.afsApplyTime) end as applied_at,
        case when regexp_matches(w.approveDate, '\A[1-9][0-9]{12}\z') then to_timestamp(cast(left(w.approveDate, 10) as bigint))
             else instant_from_beijing(w.approveDate) end as approved_at,
        case when regexp_matches(w.completeTime, '\A[1-9][0-9]{12}\z') then to_timestamp(cast(left(w.completeTime, 10) as bigint))
             else instant_from_beijing(w.completeTime) end as completed_at,
        minor_from_decimal(coalesce(w.refoundAmount, '0'), 2) as refund_minor
    from wire as w join files as f on w.raw_id = f.raw_id
)
select
    c.raw_id, c.row_no, c.case_id as row_key, c.case_id, c.order_id, c.shop, c.listing_id, c.code, c.applied_at, c.exported_at,
    c.completed_at, c.refund_minor,
    greatest(c.applied_at, coalesce(c.approved_at, c.applied_at), coalesce(c.completed_at, c.applied_at)) as modified_at,
    coalesce(e.kind, 'return_refund') as kind,
    case when c.code = '13' then 'succeeded' when c.code is null and c.approved_at is null then 'applied' else 'agreed' end as process,
    case when c.code = '13' then 'returned' when c.code = '14' then 'failed' when c.code is null and c.approved_at is null then 'none'
         else 'pending' end as money,
    case when c.code = '13' then 80 when c.code is not null then 40 when c.approved_at is not null then 30 else 10 end as state_rank,
    case
        when not is_plain_id(c.case_id) then 'bad_id:serviceId'
        when not is_plain_id(c.order_id) then 'bad_id:orderId'
        when c.applied_at is null then 'bad_time:afsApplyTime'
        when c.refund_minor is null then 'bad_money:refoundAmount'
        when c.refund_minor < 0 then 'negative_amount:refoundAmount'
        when c.expects is not null and e.code is null then 'unknown_code:customerExpect:' || c.expects
        when c.code is not null and not regexp_matches(c.code, '\A[0-9]{1,4}\z') then 'unknown_code:status:' || c.code
    end as reject
from cells as c left join jd_expects as e on c.expects = e.code
