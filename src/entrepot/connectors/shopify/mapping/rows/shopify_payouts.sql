-- Shopify payment transactions, one row each. The payout's number, day and status change after the transaction, so they
-- are no part of its identity; the file numbers no rows, twins are told apart by counting.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, w."Order" as order_id, w."Payout ID" as payout_id, w."Type" as type_text,
        replace(lower(w."Type"), ' ', '_') as type, replace(lower(coalesce(w."Payout Status", '')), ' ', '_') as payout_status,
        w."Currency" as currency, cast(z.digits as bigint) as digits, w."Net" as net_text,
        instant_from_offset(w."Transaction Date") as booked_at,
        case when regexp_matches(w."Payout Date", '\A[12][0-9]{3}-[0-9]{2}-[0-9]{2}\z')
             then instant_from_offset(w."Payout Date" || ' 00:00:00 UTC')
             else instant_from_offset(w."Payout Date") end as paid_out_at,
        minor_from_decimal(w."Amount", cast(z.digits as bigint)) as amount_minor,
        minor_from_decimal(coalesce(w."Fee", '0'), cast(z.digits as bigint)) as fee_minor,
        minor_from_decimal(w."Net", cast(z.digits as bigint)) as net_minor,
        digest(concat_ws('|', f.shop, coalesce(w."Transaction Date", ''), coalesce(w."Type", ''), coalesce(w."Order", ''),
                         coalesce(w."Checkout", ''), coalesce(w."Amount", ''), coalesce(w."Fee", ''),
                         coalesce(w."Currency", ''))) as content
    from wire as w
    join files as f on w.raw_id = f.raw_id
    left join shopify_currencies as z on w."Currency" = z.currency
),
counted as (
    select *, row_number() over (partition by raw_id, content order by row_no) as twin from cells
)
select
    c.raw_id, c.row_no, c.content || '-' || cast(c.twin as varchar) as row_key,
    'shopify:' || c.shop || ':' || substr(c.content, 1, 20) || '-' || cast(c.twin as varchar) as line_id,
    c.shop, c.order_id, c.payout_id, c.payout_status, c.paid_out_at, c.exported_at, c.booked_at, c.type, c.currency,
    c.amount_minor, c.fee_minor, i.kind, i.fee_code,
    case when c.payout_status = 'paid' then 30 when c.payout_status = 'in_transit' then 20
         when c.payout_status = 'scheduled' then 10 else 0 end as state_rank,
    case
        when c.order_id is not null and (length(c.order_id) > 64 or is_ruined_id(c.order_id)) then 'bad_id:Order'
        when c.booked_at is null then 'bad_time:Transaction Date'
        when c.digits is null then 'unknown_code:Currency:' || coalesce(c.currency, '')
        when c.amount_minor is null then 'bad_money:Amount'
        when c.fee_minor is null then 'bad_money:Fee'
        when c.net_text is not null and c.net_minor is null then 'bad_money:Net'
        when c.net_minor <> c.amount_minor - c.fee_minor then 'inconsistent_amount:Net'
        when i.type is null then 'unknown_code:Type:' || coalesce(c.type_text, '')
    end as reject
from counted as c left join shopify_items as i on c.type = i.type
