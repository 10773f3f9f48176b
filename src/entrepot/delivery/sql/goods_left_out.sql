-- What of the period is in no goods issue and no goods receipt, by reason; see `goods_moved.sql`.
select
    cast(g.left_out as varchar) as reason,
    cast(count(distinct g.order_key) as bigint) as orders,
    cast(coalesce(sum_exact(abs(g.quantity)), 0) as bigint) as pieces
from goods_moved as g
join asked as a on (g.period = a.period or g.period = 'all') and (a.entity_id = '' or g.entity_id = a.entity_id)
where g.left_out is not null
group by g.left_out
