-- Orders by API, one row per order of getOrders. Their money stands on their items. What is pending has no total, so the
-- currency is that of its marketplace.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, w.order_id, w.status, w.marketplace,
        coalesce(w.currency, m.currency) as currency, w.is_replacement = 'true' as is_replacement, w.replaced_id,
        instant_from_offset(w.purchased) as placed_at, instant_from_offset(w.updated) as modified_at,
        lower(w.email) as email, w.buyer_name, w.receiver, w.phone, w.province, w.country,
        nullif(concat_ws(', ', w.addressline1, w.addressline2, w.addressline3, w.postalcode, w.city), '') as address
    from wire as w
    join files as f on w.raw_id = f.raw_id
    left join amazon_marketplace_ids as m on w.marketplace = m.marketplace
)
select
    c.raw_id, c.row_no, c.order_id as row_key, c.order_id, c.shop, c.status,
    c.currency, c.replaced_id, c.placed_at, c.modified_at, c.exported_at, c.email, c.buyer_name, c.receiver, c.phone, c.province, c.country,
    -- Orders of other sales channels that Amazon only ships (S01-…) are no orders of this one.
    case when not regexp_matches(c.order_id, '\AS[0-9]{2}-') then 'amazon:' || c.order_id end as order_key,
    -- Without the right to personal fields there is a town and no person.
    case when coalesce(c.receiver, c.phone) is not null then c.address end as address,
    -- Who has no address by e-mail can only be told apart by the order.
    coalesce(c.email, 'order ' || c.order_id) as buyer,
    case when c.is_replacement then 'exchange_replacement' else 'sale' end as order_kind,
    s.payment_state, s.commercial_state, s.fulfilment_state,
    -- The payment is authorised when the order is placed, and it is captured later, at a time that no answer has.
    case when s.payment_state in ('preauthorised', 'part_paid', 'captured') then c.placed_at end as paid_at,
    case when c.status = 'Canceled' then c.modified_at end as closed_at,
    case
        when not is_plain_id(c.order_id) then 'bad_id:AmazonOrderId'
        when c.placed_at is null then 'bad_time:PurchaseDate'
        when c.modified_at is null then 'bad_time:LastUpdateDate'
        when s.status is null then 'unknown_code:OrderStatus:' || c.status
        when c.currency is null then 'unknown_code:MarketplaceId:' || coalesce(c.marketplace, '')
    end as reject
from cells as c left join amazon_status as s on c.status = s.status
