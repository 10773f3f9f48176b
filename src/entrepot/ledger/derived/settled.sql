-- Settlement lines with the shop, entity and business day they count for.
with placed as (
    select s.line_id, s.channel, coalesce(o.shop, a.shop, s.shop, s.channel) as shop,
           coalesce(o.channel, c.serves, s.channel) as shop_channel, s.wallet_id, s.settlement_id,
           s.order_key, s.order_id, o.order_key is not null as has_order, s.order_line_id, s.listing_id, s.sku_id, s.order_part, s.kind, s.fee_code, s.platform_item,
           coalesce(s.vat_rate_bp, 0) as vat_rate_bp, s.currency, s.amount_minor, s.booked_at, s.seen_at
    from settlement_lines as s
    left join order_money as o on s.order_key = o.order_key
    left join channels_served as c on s.channel = c.channel
    left join shop_aliases as a on s.shop = a.assigned and coalesce(c.serves, s.channel) = a.channel
)
select p.*, h.entity_id,
       case when p.booked_at < z.split_at then z.day_before else z.day_after end as booked_on
from placed as p
left join shops as h on p.shop = h.shop and p.shop_channel = h.channel
left join zone_days as z on coalesce(h.business_zone, 'UTC') = z.zone and cast(p.booked_at as date) = z.utc_day
