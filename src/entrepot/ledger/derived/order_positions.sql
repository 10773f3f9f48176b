-- One row per order: what it is worth, what came, what is due, when it counts. Rules: docs/reference/accounting.md 3, 4, 6.
with settled_sums as (
    select order_key,
        sum_exact(case when kind = 'order_income' then amount_minor end) as income_minor,
        sum_exact(case when kind = 'order_refund' then -amount_minor end) as refunded_after_minor,
        min(case when kind = 'order_income' then booked_at end) as settled_at
    from settled where has_order group by order_key
),
joined as (
    select m.*, h.entity_id, h.sale_model, h.business_zone,
        s.income_minor, coalesce(s.refunded_after_minor, 0) as refunded_after_minor, s.settled_at,
        case when h.recognition = 'confirmed' then m.confirmed_at
             when h.recognition = 'shipped' then m.shipped_at
             when h.recognition = 'paid' then m.paid_at
             when h.recognition = 'placed' then m.placed_at end as own_instant,
        h.recognition
    from order_money as m
    join shops as h on m.shop = h.shop and m.channel = h.channel
    left join settled_sums as s on m.order_key = s.order_key
),
timed as (
    select *,
        case
            when not is_paid then null
            when commercial_state in ('cancelled_unpaid', 'closed_refunded', 'group_failed', 'lottery_lost') then null
            when order_kind not in ('sale', 'presale') then null
            -- Where the platform shows shipment, income alone does not make a sale: the goods are still here.
            when recognition = 'shipped' and own_instant is null
                 and fulfilment_state not in ('shipped', 'part_shipped', 'delivered') then null
            else coalesce(own_instant, settled_at)
        end as recognised_at,
        case when own_instant is not null then recognition else 'settlement' end as basis,
        greatest(refund_before_minor, refund_stated_minor - refunded_after_minor, 0) as returned_before_minor
    from joined
),
dated as (
    -- What others promised for cancelled lines was part of the sale; it lapses with the line.
    select *,
        returned_before_minor + case when recognised_at is not null then lapsed_minor else 0 end as refunded_before_minor,
        paid_minor + tender_minor + discount_platform_minor + discount_other_minor
            - returned_before_minor - lapsed_minor - tax_kept_minor as expected_minor
    from timed
)
select
    cast(t.order_key as varchar) as order_key,
    cast(t.channel as varchar) as channel,
    cast(t.shop as varchar) as shop,
    cast(t.order_id as varchar) as order_id,
    cast(t.entity_id as varchar) as entity_id,
    cast(t.sale_model as varchar) as sale_model,
    cast(t.currency as varchar) as currency,
    cast(case
        when t.order_kind = 'split_parent' then 'split'
        when t.commercial_state in ('cancelled_unpaid', 'closed_refunded', 'group_failed', 'lottery_lost') then t.commercial_state
        when t.payment_state = 'deposit_paid' then 'deposit_paid'
        when not t.is_paid then 'unpaid'
        when t.commercial_state in ('completed_by_buyer', 'completed_auto') then 'completed'
        when t.commercial_state <> 'open' then t.commercial_state
        when t.fulfilment_state in ('part_shipped', 'shipped', 'delivered') then t.fulfilment_state
        else 'paid'
    end as varchar) as state,
    cast(t.is_paid as boolean) as is_paid,
    cast(case
        when t.income_minor is null and t.recognised_at is not null and t.expected_minor <> 0 then 'in_escrow'
        when t.income_minor is null then 'not_due'
        when t.refunded_after_minor > 0 then 'clawed_back'
        when t.income_minor < t.expected_minor then 'part_settled'
        else 'settled'
    end as varchar) as settlement_state,
    cast(t.goods_minor as bigint) as goods_minor,
    cast(t.shipping_minor as bigint) as shipping_minor,
    cast(t.tax_minor as bigint) as tax_minor,
    cast(t.discount_merchant_minor as bigint) as discount_merchant_minor,
    cast(t.discount_platform_minor as bigint) as discount_platform_minor,
    cast(t.discount_other_minor as bigint) as discount_other_minor,
    cast(t.tender_minor as bigint) as tender_minor,
    cast(t.paid_minor as bigint) as paid_minor,
    cast(t.discount_platform_minor + t.discount_other_minor + t.tender_minor as bigint) as third_party_minor,
    cast(t.tax_kept_minor as bigint) as tax_kept_minor,
    cast(t.refunded_before_minor as bigint) as refunded_before_minor,
    cast(t.refunded_after_minor as bigint) as refunded_after_minor,
    cast(t.refunded_before_minor + t.refunded_after_minor as bigint) as refunded_minor,
    cast(t.income_minor as bigint) as income_minor,
    cast(t.expected_minor as bigint) as expected_minor,
    cast(t.recognised_at as timestamptz) as recognised_at,
    cast(case when t.recognised_at is not null then t.basis end as varchar) as recognised_basis,
    cast(case when t.recognised_at < z.split_at then z.day_before else z.day_after end as date) as recognised_on,
    cast(t.settled_at as timestamptz) as settled_at,
    cast(case when t.is_paid then t.goods_minor + t.shipping_minor + t.tax_minor - t.discount_merchant_minor
         - t.discount_platform_minor - t.discount_other_minor - t.paid_minor - t.tender_minor else 0 end as bigint)
        as identity_gap_minor
from dated as t
left join zone_days as z on t.business_zone = z.zone and cast(t.recognised_at as date) = z.utc_day
