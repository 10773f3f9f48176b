-- Of the SKUs on a channel's order lines: how many there are, and of how many the cost is known on every day on which a sale
-- was recognised; all channels together as ''.
with lines as (
    select distinct channel, sku_id from order_lines where sku_id is not null
),
sold as (
    select channel, sku_id from lines
    union all
    select distinct '' as channel, sku_id from lines
),
costed as (
    select distinct sku_id from sku_costs
),
-- The list has a cost, and it begins only after a sale.
late_lines as (
    select distinct p.channel, p.sku_id
    from order_pieces as p join order_positions as o on p.order_key = o.order_key
    where o.recognised_on is not null and not p.has_cost and p.sku_id is not null
),
late as (
    select channel, sku_id from late_lines
    union all
    select distinct '' as channel, sku_id from late_lines
)
select
    cast(s.channel as varchar) as channel,
    cast(count(*) as bigint) as skus_sold,
    cast(count(case when l.sku_id is null then c.sku_id end) as bigint) as skus_with_cost
from sold as s
left join costed as c on s.sku_id = c.sku_id
left join late as l on s.channel = l.channel and s.sku_id = l.sku_id
group by s.channel
