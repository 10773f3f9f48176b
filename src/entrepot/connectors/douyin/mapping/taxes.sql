-- Composite tax of a cross-border shop: the buyer pays it on top, the platform collects and remits it.
select
    cast('douyin:' || order_id as varchar) as order_key,
    cast('douyin' as varchar) as channel,
    cast(month_in_beijing(placed_at) as varchar) as month,
    cast(line_id as varchar) as line_id,
    cast('customs_composite' as varchar) as kind,
    cast('CN' as varchar) as jurisdiction,
    cast('CNY' as varchar) as currency,
    cast(tax_minor as bigint) as amount_minor,
    cast('buyer' as varchar) as liable_party,
    cast('platform' as varchar) as collected_by,
    cast('platform' as varchar) as remitted_by,
    cast('buyer' as varchar) as borne_by,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, greatest(placed_at, coalesce(paid_at, placed_at), coalesce(shipped_at, placed_at),
                                    coalesce(confirmed_at, placed_at)),
                     exported_at, state_rank, raw_id, row_no) as varchar) as version
from douyin_orders
where tax_minor is not null
