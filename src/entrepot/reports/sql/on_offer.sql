-- What shops offer beside catalogue, costs and warehouses: docs/reference/reports/on_offer.md. A seller code that the SKU list
-- knows stands; any other listing takes what people decided about it, of variant, code, product and title the first.
with named as (
    select l.*, k.sku_id as own_sku, cast(l.seen_at as date) as seen_on from listings as l left join skus as k on l.sku_id = k.sku_id
),
aimed as (
    select l.listing_key, m.sku_id, m.qty, m.valid_from, m.decided_at, m.valid_to, l.seen_on, 1 as place
    from named as l join listing_map as m on l.channel = m.channel and l.shop = m.shop and l.variant_id = m.listing_id and m.listing_kind = 'variant'
    where l.own_sku is null
    union all
    select l.listing_key, m.sku_id, m.qty, m.valid_from, m.decided_at, m.valid_to, l.seen_on, 2 as place
    from named as l join listing_map as m on l.channel = m.channel and l.shop = m.shop and l.sku_id = m.listing_id and m.listing_kind = 'code'
    where l.own_sku is null
    union all
    select l.listing_key, m.sku_id, m.qty, m.valid_from, m.decided_at, m.valid_to, l.seen_on, 3 as place
    from named as l join listing_map as m on l.channel = m.channel and l.shop = m.shop and l.listing_id = m.listing_id and m.listing_kind = 'listing'
    where l.own_sku is null
    union all
    select l.listing_key, m.sku_id, m.qty, m.valid_from, m.decided_at, m.valid_to, l.seen_on, 4 as place
    from named as l join listing_map as m on l.channel = m.channel and l.shop = m.shop and l.title = m.listing_id and m.listing_kind = 'title'
    where l.own_sku is null
),
held as (
    select listing_key, sku_id, qty,
        dense_rank() over (partition by listing_key order by place, valid_from desc nulls last, decided_at desc nulls last) as turn
    from aimed
    where coalesce(valid_from, date '0001-01-01') <= seen_on and coalesce(valid_to, date '9999-12-31') >= seen_on
),
-- A bundle is a row per SKU.
components as (
    select listing_key, own_sku as sku_id, 1 as qty from named where own_sku is not null
    union all
    select listing_key, sku_id, qty from held where turn = 1
),
sold as (
    select c.sku_id, c.qty, l.listing_key, l.channel, l.shop, l.listing_id, l.variant_id, l.currency, l.state, l.price_minor,
        l.seen_on, greatest(l.listed_units, 0) as listed_units
    from components as c join named as l on c.listing_key = l.listing_key
),
costs as (
    select sku_id, valid_from, currency, cost_minor, raw_id, row_no,
        lead(valid_from) over (partition by sku_id order by valid_from) as next_from
    from sku_costs
),
costed as (
    select s.*, product_exact(s.qty, c.cost_minor) as cost_minor,
        'row/raw_rows/' || c.raw_id || '/' || cast(c.row_no as varchar) as cost_part
    from sold as s
    left join costs as c on s.sku_id = c.sku_id and s.currency = c.currency
        and s.seen_on >= c.valid_from and (c.next_from is null or s.seen_on < c.next_from)
),
-- A bundle with a part that has no cost in the currency of its price is compared with nothing.
below_cost as (
    select listing_key from costed where state = 'on_sale'
    group by listing_key having count(*) = count(cost_minor) and max(price_minor) < sum_exact(cost_minor)
),
newest as (select location, max(stock_day) as stock_day from stock_snapshots group by location),
places as (select count(*) as places from newest),
pieces as (
    select s.sku_id, 'row/stock_snapshots/' || s.snapshot_key as part, s.quantity
    from stock_snapshots as s join newest as n on s.location = n.location and s.stock_day = n.stock_day
    where s.quality = 'good' and s.purpose in ('free', 'channel_reserved')
),
stock as (select sku_id, sum_exact(quantity) as units from pieces group by sku_id),
offered as (
    select o.sku_id, o.listing_key, o.channel, o.shop, o.listing_id, o.variant_id, o.currency,
        product_exact(o.listed_units, o.qty) as units, coalesce(k.units, 0) as stock_units
    from sold as o left join stock as k on o.sku_id = k.sku_id cross join places as p
    where o.state = 'on_sale' and o.listed_units is not null and p.places > 0
),
together as (
    select sku_id from offered
    group by sku_id having sum_exact(units) > max(stock_units) and max(units) <= max(stock_units)
),
sizes as (
    select (select count(*) from skus) as skus_known, (select count(*) from listings) as listings_known
),
found as (
    select 'unknown_sku' as problem, 'row/listings/' || l.listing_key as part, l.channel, l.shop, l.listing_id, l.variant_id, l.sku_id,
        l.currency, l.listed_units, l.price_minor, cast(null as bigint) as cost_minor, cast(null as bigint) as stock_units
    from named as l left join components as c on l.listing_key = c.listing_key cross join sizes as z
    where c.listing_key is null and l.state in ('on_sale', 'sold_out') and z.skus_known > 0
    union all
    select 'not_listed' as problem, 'row/skus/' || k.sku_id as part, null as channel, null as shop, null as listing_id, null as variant_id, k.sku_id,
        null as currency, null as listed_units, null as price_minor, null as cost_minor, 0 as stock_units
    from skus as k left join components as c on k.sku_id = c.sku_id cross join sizes as z
    where c.sku_id is null and z.listings_known > 0
    union all
    select 'not_listed' as problem, q.part, null as channel, null as shop, null as listing_id, null as variant_id, k.sku_id,
        null as currency, null as listed_units, null as price_minor, null as cost_minor, q.quantity as stock_units
    from skus as k join pieces as q on k.sku_id = q.sku_id left join components as c on k.sku_id = c.sku_id cross join sizes as z
    where c.sku_id is null and z.listings_known > 0
    union all
    select 'below_cost' as problem, 'row/listings/' || l.listing_key as part, l.channel, l.shop, l.listing_id, l.variant_id, l.sku_id,
        l.currency, l.listed_units, l.price_minor, null as cost_minor, null as stock_units
    from named as l join below_cost as b on l.listing_key = b.listing_key
    union all
    select 'below_cost' as problem, c.cost_part as part, c.channel, c.shop, c.listing_id, c.variant_id, l.sku_id,
        c.currency, null as listed_units, null as price_minor, c.cost_minor, null as stock_units
    from costed as c join below_cost as b on c.listing_key = b.listing_key join named as l on c.listing_key = l.listing_key
    union all
    select 'above_stock' as problem, 'row/listings/' || listing_key as part, channel, shop, listing_id, variant_id, sku_id,
        currency, units as listed_units, null as price_minor, null as cost_minor, 0 as stock_units
    from offered where units > stock_units
    union all
    select 'above_stock' as problem, q.part, o.channel, o.shop, o.listing_id, o.variant_id, o.sku_id,
        o.currency, null as listed_units, null as price_minor, null as cost_minor, q.quantity as stock_units
    from offered as o join pieces as q on o.sku_id = q.sku_id where o.units > o.stock_units
    union all
    select 'together_above_stock' as problem, 'row/listings/' || o.listing_key as part, null as channel, null as shop, null as listing_id, null as variant_id,
        o.sku_id, null as currency, o.units as listed_units, null as price_minor, null as cost_minor, null as stock_units
    from offered as o join together as t on o.sku_id = t.sku_id
    union all
    select 'together_above_stock' as problem, q.part, null as channel, null as shop, null as listing_id, null as variant_id,
        t.sku_id, null as currency, null as listed_units, null as price_minor, null as cost_minor, q.quantity as stock_units
    from together as t join pieces as q on t.sku_id = q.sku_id
)
select
    cast(problem as varchar) as problem,
    cast(channel as varchar) as channel,
    cast(shop as varchar) as shop,
    cast(listing_id as varchar) as listing_id,
    cast(variant_id as varchar) as variant_id,
    cast(sku_id as varchar) as sku_id,
    cast(sum_exact(listed_units) as bigint) as listed_units,
    cast(sum_exact(stock_units) as bigint) as stock_units,
    cast(sum_exact(price_minor) as bigint) as price_minor,
    cast(sum_exact(cost_minor) as bigint) as cost_minor,
    cast(currency as varchar) as currency
from found
group by problem, channel, shop, listing_id, variant_id, sku_id, currency
