-- Parts of the figures of reports/sql/stock_turnover.sql: rows of snapshots and postings of cost of goods; of a SKU its
-- places, of all SKUs each of them, of a channel what is kept for it and its share of what serves every channel.
with snapshot_rows as (
    select s.location, s.sku_id, substr(cast(s.stock_day as varchar), 1, 7) as month, s.custodian, s.stock_day, s.snapshot_key, l.snapshots,
        s.quantity as units, product_exact(s.quantity, c.cost_minor) as value_minor
    from stock_snapshots as s
    join listed as l on s.location = l.location and substr(cast(s.stock_day as varchar), 1, 7) = l.month
    left join costs as c on s.sku_id = c.sku_id and s.stock_day >= c.valid_from and (c.next_from is null or s.stock_day < c.next_from)
    where s.stock_day is not null
),
-- A mean over days is rounded once: each row gets what the running sum grows by.
running as (
    select *,
        sum_exact(units) over (partition by location, month, sku_id, custodian order by stock_day, snapshot_key rows between unbounded preceding and current row)
            as after_units,
        sum_exact(coalesce(value_minor, 0)) over (partition by location, month, sku_id, custodian order by stock_day, snapshot_key rows between unbounded preceding and current row)
            as after_minor
    from snapshot_rows
),
grown as (
    select location, month, sku_id, custodian, 'row/stock_snapshots/' || snapshot_key as part,
        half_up_div(product_exact(after_units, 100), snapshots) - half_up_div(product_exact(after_units - units, 100), snapshots) as units_e2,
        half_up_div(after_minor, snapshots) - half_up_div(after_minor - coalesce(value_minor, 0), snapshots) as stock_minor
    from running
),
posted as (
    select s.*, t.location, 'entry/' || s.entry_id || '/line-' || cast(s.line_no as varchar) as part
    from sold as s left join (select order_key, location from sent where locations = 1) as t on s.order_key = t.order_key
),
shared_out as (
    select f.*, f.units_e2 - coalesce(h.units_e2, 0) as share_e2, coalesce(f.stock_minor, 0) - coalesce(h.stock_minor, 0) as share_minor
    from figures as f left join channel_stock as h on f.month = h.month and f.sku_id = h.sku_id and f.channel = h.channel
    where f.scope = 'channel'
),
found as (
    select f.scope, f.channel, f.location, f.sku_id, f.month, f.currency, n.figure, g.part,
        case n.figure when 'stock_units_e2' then g.units_e2 else g.stock_minor end as amount
    from figures as f
    join grown as g on f.location = g.location and f.month = g.month and f.sku_id = g.sku_id
    cross join (values ('stock_units_e2'), ('stock_minor')) as n(figure)
    where f.scope = 'place'
    union all
    select f.scope, f.channel, f.location, f.sku_id, f.month, f.currency, n.figure, g.part,
        case n.figure when 'stock_units_e2' then g.units_e2 else g.stock_minor end as amount
    from figures as f
    join grown as g on f.month = g.month and f.sku_id = g.sku_id and f.channel = case g.custodian when 'cainiao' then 'tmall' when 'jd' then 'jd' when 'fba' then 'amazon' end
    cross join (values ('stock_units_e2'), ('stock_minor')) as n(figure)
    where f.scope = 'channel'
    union all
    select s.scope, s.channel, s.location, s.sku_id, s.month, s.currency, n.figure, '=' || n.figure || '=scope,channel=sku,-' as part,
        case n.figure when 'stock_units_e2' then s.share_e2 else s.share_minor end as amount
    from shared_out as s cross join (values ('stock_units_e2'), ('stock_minor')) as n(figure)
    union all
    select f.scope, f.channel, f.location, f.sku_id, f.month, f.currency, n.figure,
        '=' || n.figure || '=scope,currency,location=place,' || coalesce(p.currency, '-') || ',' || p.location as part,
        case n.figure when 'stock_units_e2' then p.units_e2 else p.stock_minor end as amount
    from figures as f
    join figures as p on f.month = p.month and f.sku_id = p.sku_id and p.scope = 'place'
    cross join (values ('stock_units_e2'), ('stock_minor')) as n(figure)
    where f.scope = 'sku'
    union all
    select f.scope, f.channel, f.location, f.sku_id, f.month, f.currency, 'cogs_minor' as figure, p.part, p.amount_minor as amount
    from figures as f join posted as p on f.month = p.month and f.sku_id = p.sku_id
    where f.scope = 'sku' or (f.scope = 'channel' and f.channel = p.channel) or (f.scope = 'place' and f.location = p.location)
    union all
    select 'all_skus' as scope, null as channel, null as location, null as sku_id, j.month, coalesce(j.currency, r.reporting_currency) as currency, n.figure,
        '=' || case when n.figure in ('skus_left_out', 'left_out_minor') then 'cogs_minor' else n.figure end
            || '=scope,currency,sku_id=sku,' || coalesce(j.currency, '-') || ',' || coalesce(nullif(j.sku_id, '~none'), '-') as part,
        case when j.missing in ('no_snapshot', 'no_cost', 'two_currencies')
             then case n.figure when 'skus_left_out' then 1 when 'left_out_minor' then j.cogs_minor end
             else case n.figure when 'stock_units_e2' then j.units_e2 when 'stock_minor' then j.stock_minor when 'cogs_minor' then j.cogs_minor end end as amount
    from judged as j cross join reporting as r
    cross join (values ('stock_units_e2'), ('stock_minor'), ('cogs_minor'), ('skus_left_out'), ('left_out_minor')) as n(figure)
    where j.scope = 'sku'
),
-- Snapshots are days on which a place was listed; of several places the one listed most often counts.
listed_days as (select distinct location, month, stock_day from counted),
most_listed as (
    select f.scope, f.channel, f.location, f.sku_id, f.month, f.currency, p.snapshots, p.currency as place_currency, p.location as place,
        row_number() over (partition by f.scope, f.channel, f.sku_id, f.month order by p.snapshots desc, p.location) as nth
    from figures as f join figures as p on f.month = p.month and f.sku_id = p.sku_id and p.scope = 'place'
    where f.scope in ('sku', 'channel')
),
most_of_all as (
    select coalesce(j.currency, r.reporting_currency) as currency, j.currency as sku_currency, j.month, j.sku_id, j.snapshots,
        row_number() over (partition by j.month, coalesce(j.currency, r.reporting_currency) order by j.snapshots desc, j.sku_id) as nth
    from judged as j cross join reporting as r where j.scope = 'sku' and j.snapshots is not null
),
snapshots_of as (
    select f.scope, f.channel, f.location, f.sku_id, f.month, f.currency, cast(d.stock_day as varchar) as part, 1 as amount
    from figures as f join listed_days as d on f.location = d.location and f.month = d.month where f.scope = 'place'
    union all
    select scope, channel, location, sku_id, month, currency,
        '=snapshots=scope,channel,currency,location=place,-,' || coalesce(place_currency, '-') || ',' || place as part, snapshots as amount
    from most_listed where nth = 1
    union all
    select 'all_skus' as scope, null as channel, null as location, null as sku_id, month, currency,
        '=snapshots=scope,currency,sku_id=sku,' || coalesce(sku_currency, '-') || ',' || coalesce(nullif(sku_id, '~none'), '-') as part, snapshots as amount
    from most_of_all where nth = 1
),
together as (
    select scope, channel, location, sku_id, month, currency, figure, part, amount from found where amount <> 0
    union all
    select scope, channel, location, sku_id, month, currency, 'snapshots' as figure, part, amount from snapshots_of
)
select
    cast(scope as varchar) as scope,
    cast(channel as varchar) as channel,
    cast(location as varchar) as location,
    cast(nullif(sku_id, '~none') as varchar) as sku_id,
    cast(month as varchar) as month,
    cast(currency as varchar) as currency,
    cast(figure as varchar) as figure,
    cast('part' as varchar) as role,
    cast(part as varchar) as part,
    cast(amount as bigint) as amount
from together
