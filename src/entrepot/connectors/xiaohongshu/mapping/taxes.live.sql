-- Composite tax of cross-border shops: on top of the listed price, or inside it, where the merchant bears it (assumed).
select
    cast('xiaohongshu:' || order_id as varchar) as order_key,
    cast('xiaohongshu' as varchar) as channel,
    cast(month_in_beijing(placed_at) as varchar) as month,
    cast('' as varchar) as line_id,
    cast('customs_composite' as varchar) as kind,
    cast('CN' as varchar) as jurisdiction,
    cast('CNY' as varchar) as currency,
    cast(stated_tax_minor as bigint) as amount_minor,
    cast('buyer' as varchar) as liable_party,
    cast('platform' as varchar) as collected_by,
    cast('platform' as varchar) as remitted_by,
    cast(case when tax_minor > 0 then 'buyer' else 'merchant' end as varchar) as borne_by,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(modified_at, null, exported_at, state_rank, raw_id, row_no) as varchar) as version
from xiaohongshu_live_orders
where stated_tax_minor > 0
