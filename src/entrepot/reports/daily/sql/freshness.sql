-- How far each feed reaches: per file format and shop the last event that its rows tell of, in the shop's zone, and when
-- a file of it last came. Lists without events (SKUs, costs) have the day they came only.
with events as (
    select raw_id, channel, shop, max(coalesce(modified_at, closed_at, confirmed_at, shipped_at, paid_at, placed_at)) as touched_at,
           max(placed_at) as placed_at, max(paid_at) as paid_at, max(shipped_at) as shipped_at, max(confirmed_at) as confirmed_at
    from orders__all group by raw_id, channel, shop
),
moved as (
    select raw_id, channel, shop,
        greatest(coalesce(touched_at, placed_at), coalesce(placed_at, touched_at), coalesce(paid_at, touched_at, placed_at),
                 coalesce(shipped_at, touched_at, placed_at), coalesce(confirmed_at, touched_at, placed_at)) as event_at,
        cast(null as date) as event_on
    from events
    union all
    select raw_id, channel, shop, max(booked_at) as event_at, cast(null as date) as event_on
    from settlement_lines__all group by raw_id, channel, shop
    union all
    select raw_id, channel, shop, max(booked_at) as event_at, cast(null as date) as event_on
    from wallet_lines__all group by raw_id, channel, shop
    union all
    select raw_id, channel, shop, cast(null as timestamptz) as event_at, max(spent_on) as event_on
    from ad_spend__all group by raw_id, channel, shop
),
zoned as (
    select m.raw_id, m.channel, m.shop, coalesce(m.event_on, case when m.event_at < z.split_at then z.day_before else z.day_after end) as event_on
    from moved as m
    left join (select channel, shop, min(business_zone) as business_zone from shops group by channel, shop) as h
        on m.channel = h.channel and m.shop = h.shop
    left join zone_days as z on coalesce(h.business_zone, 'UTC') = z.zone and cast(m.event_at as date) = z.utc_day
),
reached as (
    select f.format, coalesce(z.channel, f.channel) as channel, coalesce(z.shop, f.shop, '') as shop,
           max(z.event_on) as last_event_on, max(f.seen_at) as last_import_at
    from raw_files as f left join zoned as z on f.raw_id = z.raw_id
    group by f.format, coalesce(z.channel, f.channel), coalesce(z.shop, f.shop, '')
),
furthest as (select max(last_event_on) as event_on from reached)
select
    cast(r.format as varchar) as format,
    cast(r.channel as varchar) as channel,
    cast(r.shop as varchar) as shop,
    cast(r.last_event_on as date) as last_event_on,
    cast(r.last_import_at as timestamptz) as last_import_at,
    cast(date_diff('day', r.last_event_on, f.event_on) as bigint) as days_behind
from reached as r cross join furthest as f
