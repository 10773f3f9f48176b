-- Lines of goods issues and goods receipts of the period: what left and what came back, by SKU, added up for each company and
-- channel. `goods_target` says what one document holds, a day or an order; the days in `order_days` go by order whatever it says.
with moved as (
    select g.*, l.functional_currency,
        case when t.per = 'order' or d.day is not null then g.order_key else '' end as order_group
    from goods_moved as g
    join asked as a on g.period = a.period and (a.entity_id = '' or g.entity_id = a.entity_id)
    join goods_target as t on true
    join legal_entities as l on g.entity_id = l.entity_id
    left join order_days as d on g.moved_on = d.day
    where g.left_out is null
),
named as (
    select m.kind, m.entity_id, m.channel, m.period, m.moved_on, m.order_group, m.functional_currency, m.quantity,
        coalesce(u.theirs, m.sku_id) as product, coalesce(v.theirs, m.channel) as party, coalesce(e.theirs, m.entity_id) as company,
        concat_ws('|', m.kind, m.entity_id, m.channel, m.order_group, cast(m.moved_on as varchar)) as document_key
    from moved as m
    left join value_map as v on v.kind = 'channel' and m.channel = v.ours
    left join value_map as u on u.kind = 'sku' and m.sku_id = u.ours
    left join value_map as e on e.kind = 'entity' and m.entity_id = e.ours
),
summed as (
    select document_key, kind, entity_id, company, channel, party, period, moved_on, order_group, functional_currency, product,
        sum_exact(quantity) as quantity
    from named
    group by document_key, kind, entity_id, company, channel, party, period, moved_on, order_group, functional_currency, product
)
select
    cast(substr(sha256(document_key), 1, 16) as varchar) as document_id,
    cast(kind as varchar) as kind,
    cast(row_number() over (partition by document_key order by product) as bigint) as line_no,
    cast(entity_id as varchar) as entity_id,
    cast(company as varchar) as company,
    cast(period as varchar) as period,
    cast(moved_on as date) as posted_on,
    cast(regexp_replace(case when kind = 'goods_issue' then 'shipped ' else 'returned ' end
         || replace(case when order_group <> '' then order_group else channel end, ':', ' '), '[,"\r\n\t]', ' ', 'g')
         as varchar) as reference,
    cast(functional_currency as varchar) as currency,
    cast(party as varchar) as party,
    cast(product as varchar) as product,
    cast(quantity as bigint) as quantity
from summed
