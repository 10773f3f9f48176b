-- Lines of service bills with the company, shop and order they count for, and what keeps a bill from being booked: two
-- files that tell it differently, or a shop or company that is not there. A shop that only files name is there; one that a bill
-- alone names is a slip of the pen.
with companies as (select count(*) as n, min(entity_id) as only_id from legal_entities),
shop_names as (select distinct shop from shops),
numbered as (
    select channel, order_id, min(order_key) as order_key, min(shop) as shop from order_money group by channel, order_id having count(*) = 1
),
placed as (
    select b.*, o.order_key, coalesce(b.shop, o.shop) as own_shop,
        count(*) over (partition by b.vendor, b.bill_no, b.line_no) > 1 as is_told_twice
    from service_bill_lines as b
    left join numbered as o on b.shop_channel = o.channel and b.order_id = o.order_id
),
owned as (
    select p.*, coalesce(p.entity_id, h.entity_id, case when c.n = 1 then c.only_id end) as booked_entity,
        p.shop is null or h.shop is not null or (p.shop_channel is null and n.shop is not null) as has_shop
    from placed as p cross join companies as c
    left join shops as h on p.own_shop = h.shop and p.shop_channel = h.channel
    left join shop_names as n on p.shop = n.shop
)
select o.bill_line_id, o.vendor, o.bill_no, o.line_no, o.service, o.billed_on, o.currency, o.amount_minor, o.vat_minor,
    o.shop_channel, o.own_shop as shop, case when not o.has_shop then o.shop end as unknown_shop, o.order_key, o.seen_at, e.entity_id,
    case when max(case when o.is_told_twice then 1 else 0 end) over (partition by o.vendor, o.bill_no) = 1 then 'told_twice'
         -- Before the company, which may be the shop's.
         when min(case when o.has_shop then 1 else 0 end) over (partition by o.vendor, o.bill_no) = 0 then 'unknown_shop'
         when min(case when e.entity_id is not null then 1 else 0 end) over (partition by o.vendor, o.bill_no) = 0 then 'unknown_entity'
    end as refusal
from owned as o left join legal_entities as e on o.booked_entity = e.entity_id
