-- As taxes.sql; duties that the buyer pays with the order are a tax of the border.
with parts as (
    select *, 'tax_added' as kind, case when is_tax_inside then 0 else taxes_minor end as amount_minor from shopify_live_orders
    union all
    select *, 'vat_included' as kind, case when is_tax_inside then taxes_minor else 0 end as amount_minor from shopify_live_orders
    union all
    select *, 'customs_composite' as kind, duties_minor as amount_minor from shopify_live_orders
)
select
    cast(order_key as varchar) as order_key,
    cast('shopify' as varchar) as channel,
    cast(month_in_utc(placed_at) as varchar) as month,
    cast('' as varchar) as line_id,
    cast(kind as varchar) as kind,
    cast(coalesce(shipping_country, billing_country) as varchar) as jurisdiction,
    cast(currency as varchar) as currency,
    cast(amount_minor as bigint) as amount_minor,
    cast('merchant' as varchar) as liable_party,
    cast('merchant' as varchar) as collected_by,
    cast('merchant' as varchar) as remitted_by,
    cast('buyer' as varchar) as borne_by,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(modified_at, null, exported_at, state_rank, raw_id, row_no) as varchar) as version
from parts
