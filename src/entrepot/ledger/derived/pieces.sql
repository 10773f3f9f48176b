-- Lines, shipping and tax of each order. The merchant's discounts that are stated for the whole order are shared over
-- the lines by their goods amount (largest remainder, lines in order of line id); goods that no line explains are a
-- line without SKU, so that the pieces always add up to the order. A line that sells several SKUs is a piece for each.
with listed as (
    select order_key, line_id, component_no, sku_id, quantity, goods_minor, own_minor, is_cancelled from matched_lines
    where order_key in (select order_key from order_money)
),
line_sums as (select order_key, sum_exact(goods_minor) as goods_minor from listed group by order_key),
lines as (
    select order_key, line_id, component_no, sku_id, quantity, goods_minor, own_minor, is_cancelled from listed
    union all
    select m.order_key, '~unlisted' as line_id, 1 as component_no, null as sku_id, 0 as quantity,
           m.goods_minor - coalesce(l.goods_minor, 0) as goods_minor, 0 as own_minor, false as is_cancelled
    from order_money as m left join line_sums as l on m.order_key = l.order_key
    where m.goods_minor <> coalesce(l.goods_minor, 0)
),
order_discounts as (
    select order_key, sum_exact(amount_minor) as shared_minor
    from discounts where funder = 'merchant' and line_id = '' group by order_key
),
weighed as (
    select l.order_key, l.line_id, l.sku_id, l.quantity, l.goods_minor, l.is_cancelled, l.own_minor,
        abs(coalesce(s.shared_minor, 0)) as a, case when coalesce(s.shared_minor, 0) < 0 then -1 else 1 end as sg,
        case when sum_exact(greatest(l.goods_minor, 0)) over (partition by l.order_key) > 0
             then greatest(l.goods_minor, 0) else 1 end as w,
        row_number() over (partition by l.order_key order by l.line_id, l.component_no) as n
    from lines as l
    left join order_discounts as s on l.order_key = s.order_key
),
totals as (select *, sum_exact(w) over (partition by order_key) as tw from weighed),
floors as (select *, share_floor(a, w, tw) as fl, share_rest(a, w, tw) as rest from totals),
ranked as (
    select *, sum_exact(fl) over (partition by order_key) as given,
        row_number() over (partition by order_key order by rest desc nulls last, n) as k
    from floors
),
shared as (
    select order_key, n, line_id, sku_id, quantity, goods_minor, is_cancelled,
        own_minor + product_exact(sg, fl + case when k <= a - given then 1 else 0 end) as discount_minor
    from ranked
),
counted as (select order_key, max(n) as n from shared group by order_key),
pieces as (
    select order_key, n as piece_no, 'line' as kind, line_id, sku_id, quantity, goods_minor, discount_minor,
           goods_minor - discount_minor as gross_minor, is_cancelled
    from shared
    union all
    select m.order_key, coalesce(c.n, 0) + 1 as piece_no, 'shipping' as kind, null as line_id, null as sku_id, 0 as quantity,
           m.shipping_minor as goods_minor, 0 as discount_minor, m.shipping_minor as gross_minor, false as is_cancelled
    from order_money as m left join counted as c on m.order_key = c.order_key
    where m.shipping_minor <> 0
    union all
    select m.order_key, coalesce(c.n, 0) + 2 as piece_no, 'tax' as kind, null as line_id, null as sku_id, 0 as quantity,
           m.tax_minor as goods_minor, 0 as discount_minor, m.tax_minor as gross_minor, false as is_cancelled
    from order_money as m left join counted as c on m.order_key = c.order_key
    where m.tax_minor <> 0
),
sold as (
    -- A SKU's rate is Chinese VAT: it counts in domestic shops, and where a Chinese company sells in CNY itself or to a platform.
    select o.*, case when o.sale_model in ('own_shop', 'platform_1p_wholesale') and e.country = 'CN' and o.currency = 'CNY' then 'domestic_pop' else o.sale_model end as vat_model
    from order_positions as o join legal_entities as e on o.entity_id = e.entity_id
)
select p.order_key, o.channel, o.shop, o.entity_id, o.sale_model, o.recognised_on, p.piece_no, p.kind, p.line_id, p.sku_id,
       p.quantity, o.currency, p.goods_minor, p.discount_minor, p.gross_minor, p.is_cancelled,
       case when p.kind = 'tax' then 0
            when o.vat_model = 'domestic_pop' then coalesce(k.vat_rate_bp, v.rate_bp, 0)
            else coalesce(v.rate_bp, 0) end as vat_rate_bp
from pieces as p
join sold as o on p.order_key = o.order_key
left join skus as k on p.sku_id = k.sku_id
left join vat_policy as v on o.vat_model = v.sale_model
