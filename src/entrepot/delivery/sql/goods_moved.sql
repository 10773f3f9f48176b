-- What left stock because it was shipped to buyers, and what of it came back: a row for each piece line of an order that is
-- shipped, dated on the day its first parcel left in the shop's zone, and one for each case whose goods are said to have come
-- back. `left_out` says why a row is in no document: nothing is guessed.
--   part_shipped     which pieces are gone is unknown until all are
--   day_unknown      the source says that it was shipped, and not when
--   kind_unclear     a sample: platforms mark orders of a test so, for which nothing leaves
--   line_cancelled   something of the line was cancelled before it was shipped, or of some line and none is named
--   sku_unknown      nobody said which SKU the line sells
--   return_unseen    the case ended, or the order went back, and the source does not say that, or when, the goods came
--   pieces_unknown   they came back, and it is unknown which of the order, or how many
--   more_than_left   more came back of a line than had left with it
with parents as (
    -- An order that was split is shipped by its parts.
    select distinct channel, parent_order_id as order_id from orders
    where order_kind = 'split_part' and parent_order_id is not null
),
sent as (
    select o.order_key, o.channel, p.entity_id, o.order_kind, o.fulfilment_state, o.month, h.business_zone, o.shipped_at,
        case when o.shipped_at < z.split_at then z.day_before else z.day_after end as moved_on
    from orders as o
    join order_positions as p on o.order_key = p.order_key
    join shops as h on p.channel = h.channel and p.shop = h.shop
    left join parents as s on o.channel = s.channel and o.order_id = s.order_id
    left join zone_days as z on h.business_zone = z.zone and cast(o.shipped_at as date) = z.utc_day
    where s.order_id is null
        and o.order_kind in ('sale', 'presale', 'split_part', 'gift', 'sample', 'exchange_replacement', 'resend')
        and (o.shipped_at is not null
             or o.fulfilment_state in ('part_shipped', 'shipped', 'delivered', 'returning_to_sender', 'returned_to_sender'))
),
picked as (
    select s.*, c.line_id, c.piece_no, c.sku_id, c.quantity
    from sent as s
    join order_pieces as c on s.order_key = c.order_key
    -- A line that was cancelled before its goods left has no cost, and lacks none.
    where c.kind = 'line' and not (c.has_cost and c.cost_minor is null)
        -- A difference in money beside lines is no goods; alone, in an order of which no line is known, it stands for them.
        and (c.quantity > 0 or (c.sku_id is null and (c.line_id <> '~unlisted' or c.piece_no = 1)))
),
cancelled as (
    select distinct order_key, order_line_id from after_sales where kind = 'cancel_before_ship' and process = 'succeeded'
),
unnamed as (
    -- Which of several lines was cancelled is not said.
    select k.order_key
    from picked as k
    join cancelled as n on k.order_key = n.order_key
    where n.order_line_id is null
    group by k.order_key
    having count(distinct k.line_id) > 1
),
issued as (
    select k.order_key, k.channel, k.entity_id, k.fulfilment_state, k.month, k.business_zone, k.shipped_at, k.moved_on,
        k.line_id, k.piece_no, k.sku_id, k.quantity,
        case when k.order_kind = 'sample' then 'kind_unclear'
             when k.fulfilment_state = 'part_shipped' then 'part_shipped'
             when k.moved_on is null then 'day_unknown'
             when n.order_key is not null or u.order_key is not null then 'line_cancelled'
             when k.sku_id is null then 'sku_unknown' end as left_out
    from picked as k
    left join cancelled as n on k.order_key = n.order_key and k.line_id = n.order_line_id
    left join unnamed as u on k.order_key = u.order_key
),
seen as (select distinct order_key from after_sales where received_at is not null),
cases as (
    select a.case_key, a.order_key, a.order_line_id, a.month, a.received_at, a.received_quantity
    from after_sales as a
    left join seen as s on a.order_key = s.order_key
    where a.received_at is not null
        -- A platform may keep a return and its refund as two cases: one of them says what came back.
        or ((s.order_key is null or a.order_line_id is not null)
            and a.kind in ('return_refund', 'exchange', 'door_rejection', 'recall_intercept')
            and a.process in ('received', 'succeeded', 'exchange_turned_refund'))
),
about as (
    select c.case_key, count(*) as pieces, min(i.piece_no) as piece_no
    from cases as c
    join issued as i on c.order_key = i.order_key and (c.order_line_id is null or c.order_line_id = i.line_id)
    -- A line that is left out may be what came back.
    where i.left_out is null or i.left_out in ('line_cancelled', 'sku_unknown')
    group by c.case_key
),
back as (
    select c.case_key, i.order_key, i.channel, i.entity_id, c.month, i.line_id, i.sku_id, i.piece_no, a.pieces,
        i.quantity as issued_quantity, i.left_out as issue_left_out, c.received_at,
        coalesce(c.received_quantity, case when i.quantity = 1 then 1 end) as quantity,
        case when c.received_at < z.split_at then z.day_before else z.day_after end as moved_on
    from about as a
    join cases as c on a.case_key = c.case_key
    join issued as i on c.order_key = i.order_key and a.piece_no = i.piece_no
    left join zone_days as z on i.business_zone = z.zone and cast(c.received_at as date) = z.utc_day
),
judged as (
    select *,
        case when received_at is null then 'return_unseen'
             when pieces <> 1 or quantity is null or quantity <= 0 then 'pieces_unknown'
             when issue_left_out is not null then issue_left_out
             when sum_exact(case when received_at is not null and pieces = 1 then quantity end)
                      over (partition by order_key, piece_no) > issued_quantity then 'more_than_left' end as left_out
    from back
),
sent_back as (
    -- An order that went back to its sender, of which no case says more.
    select i.*
    from issued as i
    left join (select distinct order_key from cases) as c on i.order_key = c.order_key
    where i.left_out is null and i.fulfilment_state = 'returned_to_sender' and c.order_key is null
)
select
    cast('goods_issue' as varchar) as kind,
    cast(order_key as varchar) as order_key,
    cast(channel as varchar) as channel,
    cast(entity_id as varchar) as entity_id,
    cast(case when moved_on is not null then strftime(moved_on, '%Y-%m') else month end as varchar) as period,
    cast(moved_on as date) as moved_on,
    cast(line_id as varchar) as line_id,
    cast(piece_no as bigint) as piece_no,
    cast(sku_id as varchar) as sku_id,
    cast(quantity as bigint) as quantity,
    cast(left_out as varchar) as left_out
from issued
union all
select
    cast('goods_receipt' as varchar) as kind,
    cast(order_key as varchar) as order_key,
    cast(channel as varchar) as channel,
    cast(entity_id as varchar) as entity_id,
    cast(case when moved_on is not null then strftime(moved_on, '%Y-%m') else month end as varchar) as period,
    cast(moved_on as date) as moved_on,
    cast(line_id as varchar) as line_id,
    cast(piece_no as bigint) as piece_no,
    cast(sku_id as varchar) as sku_id,
    cast(-quantity as bigint) as quantity,
    cast(left_out as varchar) as left_out
from judged
union all
select
    cast('goods_receipt' as varchar) as kind,
    cast(order_key as varchar) as order_key,
    cast(channel as varchar) as channel,
    cast(entity_id as varchar) as entity_id,
    cast(month as varchar) as period,
    cast(null as date) as moved_on,
    cast(line_id as varchar) as line_id,
    cast(piece_no as bigint) as piece_no,
    cast(sku_id as varchar) as sku_id,
    cast(-quantity as bigint) as quantity,
    cast('return_unseen' as varchar) as left_out
from sent_back
