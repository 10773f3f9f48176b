-- Cost of goods on the day of recognition, in the currency of the cost. Lines without a cost post nothing, nor do lines
-- that were cancelled before their goods left.
with costed as (
    select c.order_key, c.line_id, c.sku_id, c.piece_no, c.cost_minor, c.cost_currency, p.recognised_on, p.entity_id,
           c.channel, c.shop, m.seen_at
    from order_pieces as c
    join order_positions as p on c.order_key = p.order_key
    join order_money as m on c.order_key = m.order_key
    where p.recognised_on is not null and c.kind = 'line' and c.cost_minor <> 0
),
sides as (
    select *, 2 * piece_no as slot, 'cogs' as account, cost_minor as amount_minor from costed
    union all
    select *, 2 * piece_no + 1 as slot, 'inventory' as account, -cost_minor as amount_minor from costed
)
select
    cast('order' as varchar) as cause_kind, cast(order_key as varchar) as cause_id, cast(slot as bigint) as slot,
    cast(account as varchar) as account, cast(amount_minor as bigint) as amount_minor,
    cast(cost_currency as varchar) as currency, cast(entity_id as varchar) as entity_id,
    cast(recognised_on as date) as accounting_date, cast(recognised_on as date) as document_date,
    cast(order_key as varchar) as order_key, cast(line_id as varchar) as order_line_id, cast(sku_id as varchar) as sku_id,
    cast(channel as varchar) as channel, cast(shop as varchar) as shop, cast(null as varchar) as tax_code,
    cast(null as varchar) as wallet_id, cast(seen_at as timestamptz) as posted_at
from sides
