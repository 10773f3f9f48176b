-- Of the SKUs on a channel's order lines: how many there are, and of how many a cost is known; all channels together as ''.
with sold as (
    select distinct channel, sku_id from order_lines where sku_id is not null
    union all
    select distinct '' as channel, sku_id from order_lines where sku_id is not null
),
costed as (
    select distinct sku_id from sku_costs
)
select
    cast(s.channel as varchar) as channel,
    cast(count(*) as bigint) as skus_sold,
    cast(count(c.sku_id) as bigint) as skus_with_cost
from sold as s left join costed as c on s.sku_id = c.sku_id
group by s.channel
