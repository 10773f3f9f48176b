-- Which months each table has of a channel and shop, with the first and last day in Beijing.
with dated as (
    select 'orders' as table_name, channel, shop, month, day_in_beijing(placed_at) as on_day from orders
    union all
    select 'order_lines' as table_name, l.channel, o.shop,
        -- A file of lines may have no time; its lines then stand in the month of their order.
        case when l.month <> 'all' then l.month else coalesce(o.month, 'all') end as month, day_in_beijing(o.placed_at) as on_day
    from order_lines as l left join orders as o on l.order_key = o.order_key
    union all
    select 'settlement_lines' as table_name, channel, shop, month, day_in_beijing(booked_at) as on_day from settlement_lines
    union all
    select 'wallet_lines' as table_name, channel, shop, month, day_in_beijing(booked_at) as on_day from wallet_lines
    union all
    select 'ad_spend' as table_name, channel, shop, month, spent_on as on_day from ad_spend
    union all
    select 'bank_lines' as table_name, channel, '' as shop, month, booked_on as on_day from bank_lines
    union all
    select 'invoices' as table_name, channel, '' as shop, month, day_in_beijing(issued_at) as on_day from invoices
    union all
    select 'stock_snapshots' as table_name, channel, '' as shop, month, stock_day as on_day from stock_snapshots
    union all
    select 'stated_figures' as table_name, channel, '' as shop, month, cast(null as date) as on_day from stated_figures
)
select
    cast(table_name as varchar) as table_name,
    cast(channel as varchar) as channel,
    cast(coalesce(shop, '') as varchar) as shop,
    cast(month as varchar) as month,
    cast(count(*) as bigint) as items,
    cast(min(on_day) as date) as first_on,
    cast(max(on_day) as date) as last_on
from dated
where month is not null
group by table_name, channel, coalesce(shop, ''), month
