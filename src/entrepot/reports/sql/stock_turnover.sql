-- How often stock turns, by month: per SKU, per channel, per place and in sum. Stock is the mean of the month's snapshots,
-- at the cost of each day; cost of goods is the ledger's. What is missing is named: docs/reference/reports/stock_turnover.md.
with costs as (
    select sku_id, valid_from, currency, cost_minor, lead(valid_from) over (partition by sku_id order by valid_from) as next_from
    from sku_costs
),
counted as (
    select location, sku_id, stock_day, substr(cast(stock_day as varchar), 1, 7) as month, custodian, sum_exact(quantity) as units
    from stock_snapshots where stock_day is not null
    group by location, sku_id, stock_day, substr(cast(stock_day as varchar), 1, 7), custodian
),
listed as (select location, month, count(distinct stock_day) as snapshots from counted group by location, month),
valued as (
    select s.location, s.month, s.sku_id, s.custodian, s.units, l.snapshots, c.currency, product_exact(s.units, c.cost_minor) as value_minor
    from counted as s
    join listed as l on s.location = l.location and s.month = l.month
    left join costs as c on s.sku_id = c.sku_id and s.stock_day >= c.valid_from and (c.next_from is null or s.stock_day < c.next_from)
),
places as (
    -- A snapshot lists a whole place: a SKU that it does not name is not there on that day.
    select location, month, sku_id, custodian, max(snapshots) as snapshots, max(currency) as currency,
        count(*) - count(value_minor) as uncosted, count(distinct currency) as currencies,
        half_up_div(product_exact(sum_exact(units), 100), max(snapshots)) as units_e2,
        half_up_div(sum_exact(value_minor), max(snapshots)) as stock_minor
    from valued group by location, month, sku_id, custodian
),
sold as (
    select entry_id, line_no, channel, coalesce(sku_id, '~none') as sku_id, order_id as order_key, period as month, currency, amount_minor
    from ledger_entries where account = 'cogs' and book = 'local'
),
sent as (
    select order_key, max(location_id) as location, count(distinct location_id) as locations
    from shipments where location_id is not null group by order_key
),
months as (
    select month, date_diff('day', day_from_text(month || '-01'), last_day(day_from_text(month || '-01'))) + 1 as days
    from (select distinct month from places union select distinct month from sold) as named
),
sku_stock as (
    select month, sku_id, max(currency) as currency, sum_exact(uncosted) as uncosted, max(currencies) as currencies, max(snapshots) as snapshots,
        sum_exact(units_e2) as units_e2, sum_exact(stock_minor) as stock_minor,
        sum_exact(case when custodian in ('cainiao', 'jd', 'fba') then 0 else units_e2 end) as shared_e2,
        sum_exact(case when custodian in ('cainiao', 'jd', 'fba') then 0 else coalesce(stock_minor, 0) end) as shared_minor
    from places group by month, sku_id
),
sku_sold as (
    select month, sku_id, max(currency) as currency, count(distinct currency) as currencies,
        case when count(distinct currency) = 1 then sum_exact(amount_minor) end as cogs_minor
    from sold group by month, sku_id
),
channel_stock as (
    select month, sku_id, case custodian when 'cainiao' then 'tmall' when 'jd' then 'jd' else 'amazon' end as channel,
        sum_exact(units_e2) as units_e2, sum_exact(coalesce(stock_minor, 0)) as stock_minor
    from places where custodian in ('cainiao', 'jd', 'fba')
    group by month, sku_id, case custodian when 'cainiao' then 'tmall' when 'jd' then 'jd' else 'amazon' end
),
channel_sold as (
    select month, sku_id, channel, sum_exact(amount_minor) as cogs_minor from sold where channel is not null group by month, sku_id, channel
),
place_sold as (
    select s.month, s.sku_id, t.location, sum_exact(s.amount_minor) as cogs_minor
    from sold as s join sent as t on s.order_key = t.order_key where t.locations = 1 group by s.month, s.sku_id, t.location
),
figures as (
    select 'sku' as scope, null as channel, null as location, coalesce(k.month, c.month) as month, coalesce(k.sku_id, c.sku_id) as sku_id,
        coalesce(c.currency, k.currency) as currency, k.snapshots, k.units_e2, k.stock_minor, k.uncosted, case when k.currency <> c.currency then 2 else greatest(coalesce(k.currencies, 0), coalesce(c.currencies, 0)) end as currencies,
        case when c.sku_id is null then 0 else c.cogs_minor end as cogs_minor, null as basis, true as is_sold_here
    from sku_stock as k full join sku_sold as c on k.month = c.month and k.sku_id = c.sku_id
    union all
    -- Stock that no platform keeps serves every channel: a channel is given the part that its cost of goods has in all.
    select 'channel' as scope, coalesce(c.channel, h.channel) as channel, null as location, coalesce(c.month, h.month) as month, coalesce(c.sku_id, h.sku_id) as sku_id,
        coalesce(a.currency, k.currency) as currency, k.snapshots,
        coalesce(h.units_e2, 0) + case when a.cogs_minor > 0 then half_up_div(product_exact(k.shared_e2, coalesce(c.cogs_minor, 0)), a.cogs_minor) else 0 end as units_e2,
        coalesce(h.stock_minor, 0) + case when a.cogs_minor > 0 then half_up_div(product_exact(k.shared_minor, coalesce(c.cogs_minor, 0)), a.cogs_minor) else 0 end as stock_minor,
        k.uncosted, case when k.currency <> a.currency then 2 else greatest(coalesce(k.currencies, 0), coalesce(a.currencies, 0)) end as currencies,
        case when c.sku_id is null then 0 when a.currencies = 1 then c.cogs_minor end as cogs_minor,
        case when k.shared_e2 = 0 then 'in_custody' when h.units_e2 is null then 'shared_by_cost' else 'custody_and_share' end as basis, true as is_sold_here
    from channel_sold as c
    full join channel_stock as h on c.month = h.month and c.sku_id = h.sku_id and c.channel = h.channel
    left join sku_stock as k on coalesce(c.month, h.month) = k.month and coalesce(c.sku_id, h.sku_id) = k.sku_id
    left join sku_sold as a on coalesce(c.month, h.month) = a.month and coalesce(c.sku_id, h.sku_id) = a.sku_id
    union all
    select 'place' as scope, null as channel, p.location, p.month, p.sku_id, max(p.currency) as currency, max(p.snapshots) as snapshots,
        sum_exact(p.units_e2) as units_e2, sum_exact(p.stock_minor) as stock_minor, sum_exact(p.uncosted) as uncosted,
        max(p.currencies) as currencies, max(coalesce(c.cogs_minor, 0)) as cogs_minor, null as basis, bool_or(n.location is not null) as is_sold_here
    from places as p
    left join place_sold as c on p.month = c.month and p.sku_id = c.sku_id and p.location = c.location
    left join (select distinct location from sent) as n on p.location = n.location
    group by p.location, p.month, p.sku_id
),
judged as (
    select f.*, m.days,
        case when f.currencies > 1 then 'two_currencies'
             when f.snapshots is null then 'no_snapshot'
             when f.uncosted > 0 then 'no_cost'
             when not f.is_sold_here then 'no_shipments_from_here'
             when f.stock_minor <= 0 then 'no_stock'
             when f.cogs_minor <= 0 then 'no_sales' end as missing
    from figures as f join months as m on f.month = m.month
),
every as (
    select scope, channel, location, month, sku_id, currency, days, snapshots, units_e2,
        case when missing in ('no_snapshot', 'no_cost', 'two_currencies') then null else stock_minor end as stock_minor,
        case when is_sold_here then cogs_minor end as cogs_minor, missing, basis, 0 as skus_left_out, 0 as left_out_minor
    from judged
    union all
    -- In sum only SKUs count whose stock and cost are both known; what the others sold stands beside it.
    select 'all_skus' as scope, null as channel, null as location, month, null as sku_id,
        coalesce(j.currency, r.reporting_currency) as currency, max(days) as days, max(snapshots) as snapshots,
        sum_exact(case when missing in ('no_snapshot', 'no_cost', 'two_currencies') then null else units_e2 end) as units_e2,
        sum_exact(case when missing in ('no_snapshot', 'no_cost', 'two_currencies') then null else stock_minor end) as stock_minor,
        sum_exact(case when missing in ('no_snapshot', 'no_cost', 'two_currencies') then 0 else cogs_minor end) as cogs_minor,
        case when count(case when missing in ('no_snapshot', 'no_cost', 'two_currencies') then null else 1 end) = 0 then 'no_snapshot' end as missing,
        null as basis,
        sum_exact(case when missing in ('no_snapshot', 'no_cost', 'two_currencies') then 1 else 0 end) as skus_left_out,
        sum_exact(case when missing in ('no_snapshot', 'no_cost', 'two_currencies') then cogs_minor else 0 end) as left_out_minor
    from judged as j cross join reporting as r where j.scope = 'sku' group by month, coalesce(j.currency, r.reporting_currency)
)
select
    cast(scope as varchar) as scope,
    cast(channel as varchar) as channel,
    cast(location as varchar) as location,
    cast(nullif(sku_id, '~none') as varchar) as sku_id,
    cast(month as varchar) as month,
    cast(days as bigint) as days,
    cast(snapshots as bigint) as snapshots,
    cast(units_e2 as bigint) as stock_units_e2,
    cast(stock_minor as bigint) as stock_minor,
    cast(cogs_minor as bigint) as cogs_minor,
    cast(case when missing is null and stock_minor > 0
         then half_up_div(product_exact(cogs_minor, 36500), product_exact(stock_minor, days)) end as bigint) as turns_a_year_e2,
    cast(case when missing is null and cogs_minor > 0
         then half_up_div(product_exact(stock_minor, days), cogs_minor) end as bigint) as days_on_hand,
    cast(missing as varchar) as missing,
    cast(basis as varchar) as basis,
    cast(skus_left_out as bigint) as skus_left_out,
    cast(left_out_minor as bigint) as left_out_minor,
    cast(currency as varchar) as currency
from every
