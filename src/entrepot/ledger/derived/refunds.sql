-- Refunds: each refund line of a wallet or payout, and what the order source states beyond them.
with lines as (
    select s.line_id as refund_id, s.order_key, p.channel, p.shop, 'returned' as money,
           case when p.recognised_on is null then 'before_recognition' else 'after_recognition' end as stage,
           s.currency, -s.amount_minor as amount_minor, s.booked_at as refunded_at,
           case when p.recognised_on is not null then greatest(s.booked_on, p.recognised_on) end as accounting_date
    from settled as s
    join order_positions as p on s.order_key = p.order_key
    where s.kind = 'order_refund'
    union all
    select 'stated:' || p.order_key as refund_id, p.order_key, p.channel, p.shop, 'stated' as money,
           'before_recognition' as stage, p.currency, p.refunded_before_minor as amount_minor,
           null as refunded_at, p.recognised_on as accounting_date
    from order_positions as p
    where p.refunded_before_minor > 0
)
select
    cast(l.refund_id as varchar) as refund_id,
    cast(l.order_key as varchar) as order_key,
    cast(l.channel as varchar) as channel,
    cast(l.shop as varchar) as shop,
    cast(o.order_id as varchar) as order_id,
    cast(l.stage as varchar) as stage,
    cast(l.money as varchar) as money,
    cast(l.currency as varchar) as currency,
    cast(l.amount_minor as bigint) as amount_minor,
    cast(l.refunded_at as timestamptz) as refunded_at,
    cast(l.accounting_date as date) as accounting_date
from lines as l
join order_money as o on l.order_key = o.order_key
