-- Order lines with the SKUs they sell and the merchant's discount of the line. A seller code that the SKU list knows
-- stands; any other line takes what people decided about its listing, as it held on the order's day in the shop's zone:
-- of variant, seller code, product and title the first that is decided. A bundle is a row per SKU, which share goods
-- and discount (largest remainder, in order of SKU). Two decisions of one instant that disagree decide nothing.
with map_newest as (
    select *, max(decided_at) over (partition by channel, shop, listing_kind, listing_id, valid_from) as newest_at
    from listing_map
),
holding as (select * from map_newest where decided_at = newest_at),
decisions as (
    select channel, shop, listing_kind, listing_id, valid_from, max(valid_to) as valid_to, sum_exact(share_bp) as shares_bp
    from holding group by channel, shop, listing_kind, listing_id, valid_from
),
dated as (
    select *, lead(valid_from) over (partition by channel, shop, listing_kind, listing_id order by valid_from) as next_from
    from decisions
),
aimed as (
    select l.order_key, l.line_id, d.shop, d.listing_kind, d.listing_id, d.valid_from, d.valid_to, d.next_from, d.shares_bp, 1 as place
    from order_lines as l join dated as d on l.channel = d.channel and l.variant_id = d.listing_id and d.listing_kind = 'variant'
    union all
    select l.order_key, l.line_id, d.shop, d.listing_kind, d.listing_id, d.valid_from, d.valid_to, d.next_from, d.shares_bp, 2 as place
    from order_lines as l join dated as d on l.channel = d.channel and l.sku_id = d.listing_id and d.listing_kind = 'code'
    union all
    select l.order_key, l.line_id, d.shop, d.listing_kind, d.listing_id, d.valid_from, d.valid_to, d.next_from, d.shares_bp, 3 as place
    from order_lines as l join dated as d on l.channel = d.channel and l.listing_id = d.listing_id and d.listing_kind = 'listing'
    union all
    select l.order_key, l.line_id, d.shop, d.listing_kind, d.listing_id, d.valid_from, d.valid_to, d.next_from, d.shares_bp, 4 as place
    from order_lines as l join dated as d on l.channel = d.channel and l.title = d.listing_id and d.listing_kind = 'title'
),
timed as (
    select a.*, m.channel, h.business_zone, coalesce(m.placed_at, m.paid_at, m.shipped_at, m.confirmed_at) as ordered_at
    from aimed as a
    join order_money as m on a.order_key = m.order_key and a.shop = m.shop
    join shops as h on m.shop = h.shop and m.channel = h.channel
),
held as (
    select t.*, row_number() over (partition by t.order_key, t.line_id order by t.place) as turn
    from timed as t
    join zone_days as z on t.business_zone = z.zone and cast(t.ordered_at as date) = z.utc_day
    where case when t.ordered_at < z.split_at then z.day_before else z.day_after end
        between t.valid_from and least(coalesce(t.valid_to, date '9999-12-31'), coalesce(t.next_from - 1, date '9999-12-31'))
),
line_discounts as (
    select order_key, line_id, sum_exact(amount_minor) as own_minor
    from discounts where funder = 'merchant' and line_id <> '' group by order_key, line_id
),
parts as (
    select l.order_key, l.line_id, p.sku_id, p.qty,
        case when l.goods_minor < 0 then -1 else 1 end as goods_sign, abs(l.goods_minor) as goods_a,
        case when d.own_minor < 0 then -1 else 1 end as own_sign, abs(coalesce(d.own_minor, 0)) as own_a, p.share_bp as w
    from held as t
    join order_lines as l on t.order_key = l.order_key and t.line_id = l.line_id
    join holding as p on t.channel = p.channel and t.shop = p.shop and t.listing_kind = p.listing_kind
        and t.listing_id = p.listing_id and t.valid_from = p.valid_from
    left join skus as k on l.sku_id = k.sku_id
    left join line_discounts as d on l.order_key = d.order_key and l.line_id = d.line_id
    where t.turn = 1 and t.shares_bp = 10000 and k.sku_id is null
),
floors as (
    select *, share_floor(goods_a, w, 10000) as goods_fl, share_rest(goods_a, w, 10000) as goods_rest,
        share_floor(own_a, w, 10000) as own_fl, share_rest(own_a, w, 10000) as own_rest
    from parts
),
ranked as (
    select *, row_number() over (partition by order_key, line_id order by sku_id) as component_no,
        sum_exact(goods_fl) over (partition by order_key, line_id) as goods_given,
        sum_exact(own_fl) over (partition by order_key, line_id) as own_given,
        row_number() over (partition by order_key, line_id order by goods_rest desc nulls last, sku_id) as goods_k,
        row_number() over (partition by order_key, line_id order by own_rest desc nulls last, sku_id) as own_k
    from floors
),
components as (
    select order_key, line_id, component_no, sku_id, qty,
        product_exact(goods_sign, goods_fl + case when goods_k <= goods_a - goods_given then 1 else 0 end) as goods_minor,
        product_exact(own_sign, own_fl + case when own_k <= own_a - own_given then 1 else 0 end) as own_minor
    from ranked
)
select l.order_key, l.line_id, coalesce(c.component_no, 1) as component_no, coalesce(c.sku_id, l.sku_id) as sku_id,
    product_exact(l.quantity, coalesce(c.qty, 1)) as quantity, coalesce(c.goods_minor, l.goods_minor) as goods_minor,
    coalesce(c.own_minor, d.own_minor, 0) as own_minor, coalesce(l.is_cancelled, false) as is_cancelled
from order_lines as l
left join line_discounts as d on l.order_key = d.order_key and l.line_id = d.line_id
left join components as c on l.order_key = c.order_key and l.line_id = c.line_id
