-- By company and product of the ERP: what the tables say was moved in the period, what the ERP holds of it, how many of the
-- issued pieces have a cost in the ledger, and how many pieces that cost is by the ledger's own entries. The last two are one
-- number unless the books and the orders part.
with cost as (
    select e.order_id, e.order_line_id, e.sku_id, e.currency, sum_exact(e.amount_minor) as cost_minor
    from ledger_entries as e
    join target_book as b on b.book = '' or e.book = b.book
    where e.account = 'cogs' and e.order_line_id is not null
    group by e.order_id, e.order_line_id, e.sku_id, e.currency
),
issued as (
    select coalesce(v.theirs, g.entity_id) as company, coalesce(u.theirs, g.sku_id) as product, g.quantity as costed,
        case when c.cost_minor <> 0 and product_exact(b.cost_minor, c.quantity) % c.cost_minor = 0
             then product_exact(b.cost_minor, c.quantity) // c.cost_minor else 0 end as booked
    from goods_moved as g
    join asked as a on g.period = a.period and (a.entity_id = '' or g.entity_id = a.entity_id)
    join order_pieces as c on g.order_key = c.order_key and g.piece_no = c.piece_no
    join cost as b
        on g.order_key = b.order_id and g.line_id = b.order_line_id and g.sku_id = b.sku_id
        and b.currency = coalesce(c.cost_currency, b.currency)
    left join value_map as u on u.kind = 'sku' and g.sku_id = u.ours
    left join value_map as v on v.kind = 'entity' and g.entity_id = v.ours
    where g.kind = 'goods_issue' and g.left_out is null and b.cost_minor <> 0
),
sides as (
    select company, product, quantity as moved, cast(0 as bigint) as held, cast(0 as bigint) as costed, cast(0 as bigint) as booked
    from goods_lines
    union all
    select company, product, cast(0 as bigint) as moved, quantity as held, cast(0 as bigint) as costed, cast(0 as bigint) as booked
    from their_goods
    union all
    select company, product, cast(0 as bigint) as moved, cast(0 as bigint) as held, costed, booked from issued
)
select
    cast(company as varchar) as company,
    cast(product as varchar) as product,
    cast(sum_exact(moved) as bigint) as moved,
    cast(sum_exact(held) as bigint) as held,
    cast(sum_exact(costed) as bigint) as costed,
    cast(sum_exact(booked) as bigint) as booked
from sides
group by company, product
