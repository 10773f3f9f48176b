-- After-sale cases by API, one row per answer of youzan.trade.refund.get. The amount of a case is yuan and what went back
-- by each way is fen. Money is back when every way says so; a way that a person has to go, or went, is another route.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, w.refund_id as case_id, w.tid as order_id, w.status as code, w.demand, w.oid as line_id, w.funds,
        instant_from_beijing(w.created) as applied_at, instant_from_beijing(w.modified) as modified_at,
        instant_from_beijing(w.refund_account_time) as arrived_at, minor_from_decimal(coalesce(w.refund_fee, '0'), 2) as refund_minor
    from wire as w join files as f on w.raw_id = f.raw_id
),
opened as (
    select raw_id, row_no, unnest(funds) as d from cells
),
texts as (
    select raw_id, row_no, case when not contains(d.refund_fee || '', '.') then d.refund_fee || '' end as fee, d.status || '' as state, coalesce(d.refund_mode, '0') || '' as way from opened
),
ways as (
    select
        raw_id, row_no, sum_exact(minor_from_decimal(fee, 0)) as moved_minor, bool_or(minor_from_decimal(fee, 0) is null) as has_bad_fee,
        bool_or(state = '1') as has_failed, bool_or(state is null or state not in ('0', '1', '2')) as has_bad_state,
        bool_or(state = '0') as has_open, bool_or(way <> '0') as is_by_hand
    from texts group by raw_id, row_no
),
joined as (
    select
        c.*, s.code as known_code, s.process, k.kind, cast(coalesce(s.state_rank, '0') as bigint) as state_rank,
        y.moved_minor, coalesce(y.has_bad_fee, false) as has_bad_fee, coalesce(y.has_bad_state, false) as has_bad_state,
        case
            when k.kind = 'exchange' or s.process <> 'succeeded' then 'none'
            when y.has_failed then 'failed'
            when y.moved_minor is null or y.has_open then 'pending'
            when y.is_by_hand then 'returned_other_route'
            else 'returned'
        end as money
    from cells as c
    left join ways as y on c.raw_id = y.raw_id and c.row_no = y.row_no
    left join youzan_case_codes as s on c.code = s.code
    left join youzan_case_kinds as k on c.demand = k.code
)
select
    raw_id, row_no, case_id as row_key, case_id, order_id, line_id, shop, code, applied_at, modified_at, exported_at, refund_minor, kind, process, money,
    case when process in ('succeeded', 'closed') then modified_at end as closed_at,
    case when money in ('returned', 'returned_other_route') then coalesce(arrived_at, modified_at) end as refunded_at, state_rank,
    case
        when not is_plain_id(case_id) then 'bad_id:refund_id'
        when not is_plain_id(order_id) then 'bad_id:tid'
        when applied_at is null then 'bad_time:created'
        when modified_at is null then 'bad_time:modified'
        when refund_minor is null then 'bad_money:refund_fee'
        when refund_minor < 0 then 'negative_amount:refund_fee'
        when has_bad_fee then 'bad_money:refund_fund_list.refund_fee'
        when known_code is null then 'unknown_code:status:' || coalesce(code, '')
        when kind is null then 'unknown_code:demand:' || coalesce(demand, '')
        when has_bad_state then 'unknown_code:refund_fund_list.status:'
        when money in ('returned', 'returned_other_route') and moved_minor <> refund_minor then 'inconsistent_amount:refund_fund_list.refund_fee'
    end as reject
from joined
