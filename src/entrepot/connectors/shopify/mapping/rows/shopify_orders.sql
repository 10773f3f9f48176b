-- Shopify orders, one row per line; the cells of the order stand on its first row and are carried to the others by name
-- and row number. A line whose first row is refused or gone is refused too: it never joins another order.
-- Meaning of the columns: docs/reference/file-semantics.md.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, w."Name" as order_id, w."Currency" as currency,
        cast(z.digits as bigint) as digits,
        coalesce(w."Currency", w."Total", w."Subtotal", w."Financial Status") is not null as is_head,
        coalesce(w."Lineitem name", w."Lineitem quantity", w."Lineitem price") is not null as has_line,
        replace(lower(w."Financial Status"), ' ', '_') as financial,
        replace(lower(coalesce(w."Fulfillment Status", 'unfulfilled')), ' ', '_') as fulfilment,
        w."Paid at" as paid_text, w."Fulfilled at" as shipped_text, w."Cancelled at" as cancelled_text,
        instant_from_offset(w."Created at") as placed_at,
        instant_from_offset(w."Paid at") as paid_at,
        instant_from_offset(w."Fulfilled at") as shipped_at,
        instant_from_offset(w."Cancelled at") as cancelled_at,
        w."Total" as total_text, coalesce(w."Subtotal", w."Total") as subtotal_text,
        coalesce(w."Shipping", '0') as shipping_text, coalesce(w."Taxes", '0') as taxes_text,
        coalesce(w."Discount Amount", '0') as discount_text, coalesce(w."Refunded Amount", '0') as refunded_text,
        w."Lineitem price" as price_text, w."Lineitem sku" as sku_id, w."Lineitem name" as title,
        case when regexp_matches(w."Lineitem quantity", '\A[0-9]{1,9}\z') then cast(w."Lineitem quantity" as bigint) end as quantity,
        lower(w."Email") as email, w."Phone" as phone, w."Billing Name" as billing_name, w."Billing Phone" as billing_phone,
        nullif(concat_ws(', ', coalesce(w."Billing Street", nullif(concat_ws(' ', w."Billing Address1", w."Billing Address2"), '')),
                         w."Billing Company", w."Billing Zip", w."Billing City", w."Billing Province"), '') as billing_address,
        w."Billing Country" as billing_country, coalesce(w."Billing Province Name", w."Billing Province") as billing_province,
        w."Shipping Name" as shipping_name, w."Shipping Phone" as shipping_phone,
        nullif(concat_ws(', ', coalesce(w."Shipping Street", nullif(concat_ws(' ', w."Shipping Address1", w."Shipping Address2"), '')),
                         w."Shipping Company", w."Shipping Zip", w."Shipping City", w."Shipping Province"), '') as shipping_address,
        w."Shipping Country" as shipping_country, coalesce(w."Shipping Province Name", w."Shipping Province") as shipping_province
    from wire as w
    join files as f on w.raw_id = f.raw_id
    left join shopify_currencies as z on w."Currency" = z.currency
),
blocked as (
    -- A file put together from two exports may hold an order twice: each first row begins a block of its own.
    select *, sum_exact(case when is_head then 1 else 0 end) over (partition by raw_id, order_id order by row_no) as block
    from cells
),
stated as (
    select b.raw_id, b.row_no, b.order_id, b.block, b.currency, b.digits, b.financial, b.fulfilment, b.placed_at, b.paid_at,
        b.shipped_at, b.cancelled_at,
        minor_from_decimal(b.total_text, b.digits) as total_minor,
        minor_from_decimal(b.subtotal_text, b.digits) as subtotal_minor,
        minor_from_decimal(b.shipping_text, b.digits) as shipping_minor,
        minor_from_decimal(b.taxes_text, b.digits) as taxes_minor,
        minor_from_decimal(b.discount_text, b.digits) as discount_minor,
        minor_from_decimal(b.refunded_text, b.digits) as refund_minor,
        b.paid_text is not null and b.paid_at is null as has_bad_paid,
        b.shipped_text is not null and b.shipped_at is null as has_bad_shipped,
        b.cancelled_text is not null and b.cancelled_at is null as has_bad_cancelled,
        b.has_line and b.quantity is null as has_bad_quantity,
        b.has_line and minor_from_decimal(b.price_text, b.digits) is null as has_bad_price,
        p.status is not null as knows_financial, u.status is not null as knows_fulfilment,
        p.payment_state, p.commercial_state as stated_commercial, u.fulfilment_state,
        coalesce(u.fulfilment_state in ('part_shipped', 'shipped', 'returned_to_sender'), false) or b.shipped_at is not null as is_shipped,
        cast(coalesce(p.state_rank, '0') as bigint) as status_rank
    from blocked as b
    left join shopify_financial as p on b.financial = p.status
    left join shopify_fulfilment as u on b.fulfilment = u.status
    where b.is_head
),
heads as (
    select *,
        case
            when order_id is null or length(order_id) > 64 or is_ruined_id(order_id) then 'bad_id:Name'
            when placed_at is null then 'bad_time:Created at'
            when has_bad_paid then 'bad_time:Paid at'
            when has_bad_shipped then 'bad_time:Fulfilled at'
            when has_bad_cancelled then 'bad_time:Cancelled at'
            when digits is null then 'unknown_code:Currency:' || coalesce(currency, '')
            when total_minor is null then 'bad_money:Total'
            when subtotal_minor is null then 'bad_money:Subtotal'
            when shipping_minor is null then 'bad_money:Shipping'
            when taxes_minor is null then 'bad_money:Taxes'
            when discount_minor is null then 'bad_money:Discount Amount'
            when refund_minor is null then 'bad_money:Refunded Amount'
            when has_bad_quantity then 'bad_number:Lineitem quantity'
            when has_bad_price then 'bad_money:Lineitem price'
            when not knows_financial then 'unknown_code:Financial Status:' || coalesce(financial, '')
            when not knows_fulfilment then 'unknown_code:Fulfillment Status:' || fulfilment
        end as head_reject,
        -- Refunds only grow: of two states with the same times the one with more refunded is the later.
        status_rank + case when financial = 'partially_refunded' and total_minor > 0
                           then least(greatest(refund_minor, 0) * 99 // nullif(total_minor, 0), 99) else 0 end as state_rank
    from stated
),
lines as (
    select b.*, h.row_no as head_no, h.head_reject, h.digits as order_digits,
        minor_from_decimal(b.price_text, h.digits) as unit_price_minor,
        -- An edited quantity is the same line in a newer state, so it is no part of what tells lines apart.
        digest(concat_ws('|', b.order_id, coalesce(b.sku_id, ''), coalesce(b.title, ''), coalesce(b.price_text, ''))) as content
    from blocked as b
    left join heads as h on b.raw_id = h.raw_id and b.order_id = h.order_id and b.block = h.block
),
counted as (
    -- The file numbers no lines: twins within one order are told apart by counting.
    select *,
        row_number() over (partition by raw_id, order_id, block, content order by row_no) as twin,
        sum_exact(product_exact(unit_price_minor, quantity)) over (partition by raw_id, order_id, block) as lines_minor
    from lines
)
select
    c.raw_id, c.row_no, c.order_id || '|' || c.content || '-' || cast(c.twin as varchar) as row_key,
    'shopify:' || c.shop || ':' || c.order_id as order_key, c.shop, c.order_id, c.is_head, c.has_line, c.exported_at,
    substr(c.content, 1, 16) || '-' || cast(c.twin as varchar) as line_id, c.sku_id, c.title, c.quantity, c.unit_price_minor,
    h.currency, h.placed_at, h.paid_at, h.shipped_at, h.cancelled_at, h.state_rank,
    greatest(h.placed_at, coalesce(h.paid_at, h.placed_at), coalesce(h.shipped_at, h.placed_at),
             coalesce(h.cancelled_at, h.placed_at)) as event_at,
    h.financial || '/' || h.fulfilment as status,
    h.subtotal_minor, h.shipping_minor, h.taxes_minor, h.refund_minor,
    -- Lines that add up to the subtotal show that the discount was taken off elsewhere: off the freight, or in the prices.
    case when c.lines_minor = h.subtotal_minor then 0 else h.discount_minor end as merchant_minor,
    case when h.paid_at is null then 0 else h.total_minor end as paid_minor,
    h.taxes_minor <> 0 and h.total_minor = h.subtotal_minor + h.shipping_minor as is_tax_inside,
    case
        when h.paid_at is null and (h.cancelled_at is not null or h.stated_commercial = 'cancelled_unpaid') then 'cancelled_unpaid'
        when h.paid_at is not null and not h.is_shipped
             and (h.cancelled_at is not null or h.financial in ('refunded', 'voided', 'expired')) then 'closed_refunded'
        else 'open'
    end as commercial_state,
    case when h.paid_at is null and h.cancelled_at is not null then 'voided'
         when h.paid_at is not null and not h.is_shipped
              and (h.cancelled_at is not null or h.financial in ('refunded', 'voided', 'expired')) then 'voided'
         else h.payment_state end as payment_state,
    case when h.shipped_at is not null and h.fulfilment_state not in ('part_shipped', 'shipped', 'returned_to_sender') then 'shipped'
         else h.fulfilment_state end as fulfilment_state,
    coalesce(c.email, c.phone, 'shop ' || c.shop || ' order ' || c.order_id) as buyer,
    c.email, c.phone, c.billing_name, c.billing_phone, c.billing_address, c.billing_country, c.billing_province,
    c.shipping_name, c.shipping_phone, c.shipping_address, c.shipping_country, c.shipping_province,
    case
        when c.is_head and h.raw_id is null then 'bad_id:Name'
        when c.is_head then h.head_reject
        when c.head_no is null or c.head_reject is not null then 'first_row_missing:Name'
        when c.quantity is null then 'bad_number:Lineitem quantity'
        when c.unit_price_minor is null then 'bad_money:Lineitem price'
    end as reject
from counted as c
left join heads as h on c.raw_id = h.raw_id and c.order_id = h.order_id and c.block = h.block
