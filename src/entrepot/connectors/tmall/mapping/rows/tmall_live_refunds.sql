-- Refunds by API, one row per answer of taobao.refund.get. A refund that is agreed is not yet money returned: process
-- and money are two columns of the code list.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, w.refund_id as case_id, w.tid as order_id, w.oid as line_id,
        w.status, w.dispute_type, w.refund_phase, w.has_good_return, w.good_status, w.num_iid as listing_id, w.outer_id as sku_code,
        instant_from_beijing(w.created) as applied_at,
        instant_from_beijing(w.modified) as modified_at,
        instant_from_beijing(w.end_time) as ended_at,
        fen_from_yuan(w.refund_fee) as refund_minor
    from wire as w join files as f on w.raw_id = f.raw_id
)
select
    c.raw_id, c.row_no, c.case_id as row_key, c.case_id, c.order_id, c.line_id, c.shop, c.status, c.listing_id, c.sku_code,
    c.applied_at, c.modified_at, c.exported_at, c.ended_at, c.refund_minor,
    case
        when d.kind is not null then d.kind
        when coalesce(c.has_good_return, 'false') = 'true' then 'return_refund'
        when c.refund_phase = 'onsale' and coalesce(c.good_status, 'BUYER_NOT_RECEIVED') = 'BUYER_NOT_RECEIVED' then 'cancel_before_ship'
        else 'refund_only'
    end as kind,
    s.process, s.money, cast(coalesce(s.state_rank, '0') as bigint) as state_rank,
    case
        when not is_plain_id(c.case_id) then 'bad_id:refund_id'
        when not is_plain_id(c.order_id) then 'bad_id:tid'
        when c.applied_at is null then 'bad_time:created'
        when c.modified_at is null then 'bad_time:modified'
        when c.refund_minor is null then 'bad_money:refund_fee'
        when c.refund_minor < 0 then 'negative_amount:refund_fee'
        when s.status is null then 'unknown_code:status:' || coalesce(c.status, '')
        when c.dispute_type is not null and d.dispute_type is null then 'unknown_code:dispute_type:' || c.dispute_type
    end as reject
from cells as c
left join tmall_refund_status as s on c.status = s.status
left join tmall_dispute_kinds as d on c.dispute_type = d.dispute_type
