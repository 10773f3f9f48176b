-- Each refund shared over the pieces of its order, by what each piece is worth (largest remainder, in order).
with weighed as (
    select r.refund_id, r.order_key, r.accounting_date, p.piece_no, p.kind, p.line_id, p.sku_id,
        abs(r.amount_minor) as a, case when r.amount_minor < 0 then -1 else 1 end as sg,
        case when sum_exact(greatest(p.gross_minor, 0)) over (partition by r.refund_id) > 0
             then greatest(p.gross_minor, 0) else 1 end as w
    from refunds as r join pieces as p on r.order_key = p.order_key
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
