-- Refunds: each refund line of a wallet or payout, and what the order source states beyond them, by line where it says so.
with returned as (
    select s.line_id as refund_id, s.order_key, p.channel, p.shop, s.order_line_id, s.listing_id, s.sku_id, s.order_part,
           'returned' as money,
           case when p.recognised_on is null then 'before_recognition' else 'after_recognition' end as stage,
           s.currency, -s.amount_minor as amount_minor, s.booked_at as refunded_at,
           case when p.recognised_on is not null then greatest(s.booked_on, p.recognised_on) end as accounting_date
    from settled as s
    join order_positions as p on s.order_key = p.order_key
    where s.kind = 'order_refund'
),
by_line as (
    -- What the buyer got back for a line, and what others no longer pay for it because it was cancelled.
    select 'stated:' || statement_id as refund_id, order_key, order_line_id, amount_minor from refund_statements
    where order_line_id is not null and amount_minor <> 0
    union all
    select 'lapsed:' || d.order_key || ':' || d.line_id as refund_id, d.order_key, d.line_id as order_line_id,
           sum_exact(d.amount_minor) as amount_minor
    from discounts as d join order_lines as l on d.order_key = l.order_key and d.line_id = l.line_id
    join order_positions as p on d.order_key = p.order_key
    where d.funder <> 'merchant' and l.is_cancelled and p.recognised_on is not null and d.amount_minor <> 0
    group by d.order_key, d.line_id
),
line_sums as (select order_key, sum_exact(amount_minor) as amount_minor from by_line group by order_key),
stated as (
    select refund_id, order_key, order_line_id, amount_minor from by_line
    union all
    select 'stated:' || p.order_key as refund_id, p.order_key, null as order_line_id,
           p.refunded_before_minor - coalesce(b.amount_minor, 0) as amount_minor
    from order_positions as p left join line_sums as b on p.order_key = b.order_key
    where p.refunded_before_minor > coalesce(b.amount_minor, 0)
),
lines as (
    select refund_id, order_key, channel, shop, order_line_id, listing_id, sku_id, order_part, money, stage, currency,
           amount_minor, refunded_at, accounting_date
    from returned
    union all
    select s.refund_id, s.order_key, p.channel, p.shop, s.order_line_id, null as listing_id, null as sku_id, null as order_part,
           'stated' as money, 'before_recognition' as stage, p.currency, s.amount_minor,
           null as refunded_at, p.recognised_on as accounting_date
    from stated as s join order_positions as p on s.order_key = p.order_key
)
select
    cast(l.refund_id as varchar) as refund_id,
    cast(l.order_key as varchar) as order_key,
    cast(l.channel as varchar) as channel,
    cast(l.shop as varchar) as shop,
    cast(o.order_id as varchar) as order_id,
    cast(l.order_line_id as varchar) as order_line_id,
    cast(l.listing_id as varchar) as listing_id,
    cast(l.sku_id as varchar) as sku_id,
    cast(l.order_part as varchar) as order_part,
    cast(l.stage as varchar) as stage,
    cast(l.money as varchar) as money,
    cast(l.currency as varchar) as currency,
    cast(l.amount_minor as bigint) as amount_minor,
    cast(l.refunded_at as timestamptz) as refunded_at,
    cast(l.accounting_date as date) as accounting_date
from lines as l
join order_money as o on l.order_key = o.order_key
