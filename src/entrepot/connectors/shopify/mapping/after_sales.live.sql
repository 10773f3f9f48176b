-- A refund is a case that is over but for its money; a return is a case of its own, whose money is that of a refund. What a
-- refund restocks as returned is back with it; which line that was is said where the refund is of one line. A restock of the
-- old kind says neither that it was a return nor when.
with opened as (
    select order_key, order_id, shop, currency, digits, modified_at, exported_at, state_rank, raw_id, row_no, unnest(refunds) as r
    from shopify_live_orders
),
cells as (
    select order_key, order_id, shop, currency, modified_at, exported_at, state_rank, raw_id, row_no,
           'refund-' || regexp_extract(r.gid || '', '[0-9]+\z', 0) as case_id,
           minor_from_decimal(r.amount || '', digits) as refund_minor,
           instant_from_offset(r.created_at || '') as applied_at, r.restocked as restocked, r.moved as moved
    from opened
),
restocks as (
    select raw_id, row_no, case_id, unnest(restocked) as s from cells
),
kinds as (
    -- What came back decides: one line that is returned makes the refund one of a return.
    select x.raw_id, x.row_no, x.case_id, max(k.kind) as kind, bool_or(x.type = 'RETURN') as is_back,
           case when count(*) = 1 then max(regexp_extract(x.line, '[0-9]+\z', 0)) end as line_id,
           case when count(*) = 1 and regexp_matches(max(x.quantity), '\A[1-9][0-9]{0,8}\z') then cast(max(x.quantity) as bigint) end
               as quantity
    from (select raw_id, row_no, case_id, s.type as type, s.line || '' as line, s.quantity || '' as quantity from restocks) as x
    left join shopify_restock_kinds as k on x.type = k.status
    group by x.raw_id, x.row_no, x.case_id
),
moves as (
    select raw_id, row_no, case_id, unnest(moved) as m from cells
),
moved as (
    select raw_id, row_no, case_id,
           case when bool_or(m.status in ('PENDING', 'AWAITING_RESPONSE')) then 'pending'
                when bool_and(m.status = 'SUCCESS') then 'returned' else 'failed' end as money
    from moves group by raw_id, row_no, case_id
),
asked as (
    select order_key, order_id, shop, currency, modified_at, exported_at, state_rank, raw_id, row_no, unnest(returns) as t
    from shopify_live_orders
),
returns as (
    select order_key, order_id, shop, currency, modified_at, exported_at, state_rank, raw_id, row_no,
           'return-' || regexp_extract(t.gid || '', '[0-9]+\z', 0) as case_id, t.status as code,
           instant_from_offset(t.created_at || '') as applied_at
    from asked
),
cases as (
    select
        c.order_key, c.order_id, c.shop, c.currency, c.modified_at, c.exported_at, c.state_rank, c.raw_id, c.row_no, c.case_id,
        coalesce(k.kind, 'refund_only') as kind, 'succeeded' as process, coalesce(m.money, 'none') as money, 'REFUND' as code,
        c.refund_minor, c.applied_at,
        case when m.money = 'returned' then c.applied_at end as refunded_at, c.applied_at as closed_at,
        nullif(k.line_id, '') as order_line_id, case when k.is_back then c.applied_at end as received_at,
        case when k.is_back then k.quantity end as received_quantity
    from cells as c
    left join kinds as k on c.raw_id = k.raw_id and c.row_no = k.row_no and c.case_id = k.case_id
    left join moved as m on c.raw_id = m.raw_id and c.row_no = m.row_no and c.case_id = m.case_id
    union all
    select
        r.order_key, r.order_id, r.shop, r.currency, r.modified_at, r.exported_at, r.state_rank, r.raw_id, r.row_no, r.case_id,
        'return_refund' as kind, s.process, 'none' as money, r.code, cast(null as bigint) as refund_minor, r.applied_at,
        cast(null as timestamptz) as refunded_at, cast(null as timestamptz) as closed_at,
        cast(null as varchar) as order_line_id, cast(null as timestamptz) as received_at, cast(null as bigint) as received_quantity
    from returns as r join shopify_returns as s on r.code = s.status
)
select
    cast('shopify:' || case_id as varchar) as case_key,
    cast('shopify' as varchar) as channel,
    cast(month_in_utc(applied_at) as varchar) as month,
    cast(shop as varchar) as shop,
    cast(case_id as varchar) as case_id,
    cast(order_key as varchar) as order_key,
    cast(order_id as varchar) as order_id,
    cast(order_line_id as varchar) as order_line_id,
    cast(kind as varchar) as kind,
    cast(process as varchar) as process,
    cast(money as varchar) as money,
    cast(code as varchar) as platform_status,
    cast(currency as varchar) as currency,
    cast(refund_minor as bigint) as refund_minor,
    cast(applied_at as timestamptz) as applied_at,
    cast(refunded_at as timestamptz) as refunded_at,
    cast(closed_at as timestamptz) as closed_at,
    cast(received_at as timestamptz) as received_at,
    cast(received_quantity as bigint) as received_quantity,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(modified_at, null, exported_at, state_rank, raw_id, row_no) as varchar) as version
from cases
