-- Settlement lines with the shop, entity and business day they count for. A payment provider knows the number that the
-- shop's own system gave an order, and not how we tell shops apart: it means the order of that number, if there is one.
with numbered as (
    select channel, order_id, min(order_key) as order_key from order_money group by channel, order_id having count(*) = 1
),
found as (
    select s.*, coalesce(c.serves, s.channel) as served, coalesce(o.order_key, n.order_key) as found_key
    from settlement_lines as s
    left join order_money as o on s.order_key = o.order_key
    left join channels_served as c on s.channel = c.channel
    left join numbered as n on c.serves <> s.channel and c.serves = n.channel and s.order_id = n.order_id
),
placed as (
    select f.line_id, f.channel, coalesce(o.shop, a.shop, f.shop, f.channel) as shop,
           coalesce(o.channel, f.served) as shop_channel, f.wallet_id, f.settlement_id,
           coalesce(f.found_key, f.order_key) as order_key, f.order_id, o.order_key is not null as has_order, f.order_line_id,
           f.listing_id, f.sku_id, f.order_part, f.kind, f.fee_code, f.platform_item,
           coalesce(f.vat_rate_bp, 0) as vat_rate_bp, f.currency, f.amount_minor, f.booked_at, f.seen_at
    from found as f
    left join order_money as o on f.found_key = o.order_key
    left join shop_aliases as a on f.shop = a.assigned and f.served = a.channel
)
select p.*, h.entity_id,
       case when p.booked_at < z.split_at then z.day_before else z.day_after end as booked_on
from placed as p
left join shops as h on p.shop = h.shop and p.shop_channel = h.channel
left join zone_days as z on coalesce(h.business_zone, 'UTC') = z.zone and cast(p.booked_at as date) = z.utc_day
