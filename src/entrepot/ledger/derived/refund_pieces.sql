-- Each refund shared over the pieces it is for, by what each is worth (largest remainder, in order). A source may name a
-- line, a product or a SKU, and a part of the price; what it does not name is the whole order. A line stands with the
-- freight and the tax that the platform states for it. A refund that names what the order has not is shared over all.
with matches as (
    select r.refund_id, l.line_id, coalesce(l.shipping_minor, 0) as shipping_minor, coalesce(l.tax_minor, 0) as tax_minor,
        case when r.order_line_id = l.line_id then 1 when r.listing_id = l.listing_id then 2 else 3 end as place
    from refunds as r join order_lines as l on r.order_key = l.order_key
    where r.order_line_id = l.line_id or r.listing_id = l.listing_id or r.sku_id = l.sku_id
),
placed as (select *, min(place) over (partition by refund_id) as best from matches),
named as (select refund_id, line_id, shipping_minor, tax_minor from placed where place = best),
named_sums as (
    select refund_id, sum_exact(shipping_minor) as shipping_minor, sum_exact(tax_minor) as tax_minor
    from named group by refund_id
),
worth as (
    select r.refund_id, r.order_key, r.accounting_date, p.piece_no, p.kind, p.line_id, p.sku_id,
        abs(r.amount_minor) as a, case when r.amount_minor < 0 then -1 else 1 end as sg,
        greatest(p.gross_minor, 0) as whole,
        case
            when p.kind = 'line' and coalesce(r.order_part, 'goods') <> 'goods' then 0
            when p.kind <> 'line' and coalesce(r.order_part, p.kind) <> p.kind then 0
            when s.refund_id is null then greatest(p.gross_minor, 0)
            when p.kind = 'line' then case when n.line_id is not null then greatest(p.gross_minor, 0) else 0 end
            when r.order_part is not null then greatest(p.gross_minor, 0)
            when p.kind = 'shipping' then greatest(s.shipping_minor, 0)
            else greatest(s.tax_minor, 0)
        end as part
    from refunds as r
    join pieces as p on r.order_key = p.order_key
    left join named_sums as s on r.refund_id = s.refund_id
    left join named as n on r.refund_id = n.refund_id and p.line_id = n.line_id
),
weighed as (
    select refund_id, order_key, accounting_date, piece_no, kind, line_id, sku_id, a, sg,
        case when sum_exact(part) over (partition by refund_id) > 0 then part
             when sum_exact(whole) over (partition by refund_id) > 0 then whole
             else 1 end as w
    from worth
),
totals as (select *, sum_exact(w) over (partition by refund_id) as tw from weighed),
floors as (select *, share_floor(a, w, tw) as fl, share_rest(a, w, tw) as rest from totals),
ranked as (
    select *, sum_exact(fl) over (partition by refund_id) as given,
        row_number() over (partition by refund_id order by rest desc nulls last, piece_no) as k
    from floors
)
select refund_id, order_key, accounting_date, piece_no, kind, line_id, sku_id,
    product_exact(sg, fl + case when k <= a - given then 1 else 0 end) as amount_minor
from ranked
