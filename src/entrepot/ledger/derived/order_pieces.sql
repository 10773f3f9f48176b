-- The pieces with VAT inside, cost on the day of recognition and their part of the refunds.
with costs as (
    select sku_id, valid_from, currency, cost_minor,
        lead(valid_from) over (partition by sku_id order by valid_from) as next_from
    from sku_costs
),
included as (
    -- VAT that the source states for the whole order (tax inside prices) is shared over lines and shipping.
    select p.order_key, p.piece_no, m.vat_included_minor as a,
        case when sum_exact(greatest(p.gross_minor, 0)) over (partition by p.order_key) > 0
             then greatest(p.gross_minor, 0) else 1 end as w
    from pieces as p join order_money as m on p.order_key = m.order_key
    where m.vat_included_minor > 0 and p.kind <> 'tax'
),
included_totals as (select *, sum_exact(w) over (partition by order_key) as tw from included),
included_floors as (select *, share_floor(a, w, tw) as fl, share_rest(a, w, tw) as rest from included_totals),
included_shares as (
    select order_key, piece_no,
        fl + case when row_number() over (partition by order_key order by rest desc nulls last, piece_no)
                       <= a - sum_exact(fl) over (partition by order_key) then 1 else 0 end as vat_minor
    from included_floors
),
refund_sums as (
    select order_key, piece_no, sum_exact(amount_minor) as refund_minor
    from refund_pieces group by order_key, piece_no
)
select
    cast(p.order_key as varchar) as order_key,
    cast(p.channel as varchar) as channel,
    cast(p.shop as varchar) as shop,
    cast(p.piece_no as bigint) as piece_no,
    cast(p.kind as varchar) as kind,
    cast(p.line_id as varchar) as line_id,
    cast(p.sku_id as varchar) as sku_id,
    cast(p.quantity as bigint) as quantity,
    cast(p.currency as varchar) as currency,
    cast(p.goods_minor as bigint) as goods_minor,
    cast(p.discount_minor as bigint) as discount_merchant_minor,
    cast(p.gross_minor as bigint) as gross_minor,
    cast(p.vat_rate_bp as bigint) as vat_rate_bp,
    cast(coalesce(i.vat_minor, vat_inside(p.gross_minor, p.vat_rate_bp)) as bigint) as vat_minor,
    cast(coalesce(r.refund_minor, 0) as bigint) as refund_minor,
    cast(case when p.kind = 'line' and not p.is_cancelled then product_exact(c.cost_minor, p.quantity) end as bigint) as cost_minor,
    cast(case when p.kind = 'line' and not p.is_cancelled then c.currency end as varchar) as cost_currency,
    cast(p.kind <> 'line' or p.is_cancelled or c.cost_minor is not null as boolean) as has_cost
from pieces as p
left join costs as c
    on p.sku_id = c.sku_id and p.recognised_on >= c.valid_from and (c.next_from is null or p.recognised_on < c.next_from)
left join included_shares as i on p.order_key = i.order_key and p.piece_no = i.piece_no
left join refund_sums as r on p.order_key = r.order_key and p.piece_no = r.piece_no
