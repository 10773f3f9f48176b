-- Where the integration stands: each metric with its target, by month where the tables know it, and now. What files cannot
-- say is listed as not measured, with the reason: docs/reference/reports/metrics.md.
with rows_seen as (
    select 'order/' || o.order_key as part, o.channel, o.seen_at, greatest(coalesce(o.modified_at, o.placed_at), coalesce(o.confirmed_at, o.placed_at),
        coalesce(o.shipped_at, o.placed_at), coalesce(o.paid_at, o.placed_at), o.placed_at) as event_at
    from orders as o where o.placed_at is not null and o.seen_at is not null
    union all
    select 'row/settlement_lines/' || s.line_id as part, s.channel, s.seen_at, s.booked_at as event_at from settlement_lines as s where s.booked_at is not null and s.seen_at is not null
),
aged as (
    select part, channel, strftime(seen_at, '%Y-%m') as month,
        date_diff('day', cast(event_at as date), cast(seen_at as date)) * 1440
            + cast(strftime(seen_at, '%H') as bigint) * 60 + cast(strftime(seen_at, '%M') as bigint)
            - cast(strftime(event_at, '%H') as bigint) * 60 - cast(strftime(event_at, '%M') as bigint) as minutes
    from rows_seen
),
ordered as (
    select part, channel, month, minutes, row_number() over (partition by channel, month order by minutes, part) as nth,
        count(*) over (partition by channel, month) as n
    from aged
),
freshness as (
    -- Nearest rank: the smallest age that at least 95 of 100 rows do not exceed.
    select part, channel, month, minutes from ordered where nth = (n * 95 + 99) // 100
),
matched_lines as (
    select e.channel, e.period as month, e.entry_id, e.line_no, case when e.account = 'suspense' then 0 else 1 end as known
    from ledger_entries as e join settlement_lines as s on e.cause_id = s.line_id
    where e.posting_rule = 'settled' and e.account <> 'wallet' and s.kind in ('order_income', 'order_refund')
),
matched as (select channel, month, count(*) as lines, sum_exact(known) as known from matched_lines group by channel, month),
differing as (
    select channel, currency, strftime(settled_at, '%Y-%m') as month, sum_exact(abs(income_minor - expected_minor)) as amount_minor
    from order_positions where income_minor is not null group by channel, currency, strftime(settled_at, '%Y-%m')
),
mapped_lines as (
    select p.order_key, p.channel, strftime(o.placed_at, '%Y-%m') as month, case when k.sku_id is null then 0 else 1 end as known
    from order_pieces as p join orders as o on p.order_key = o.order_key
    left join (select distinct sku_id from skus) as k on p.sku_id = k.sku_id
    where p.kind = 'line'
),
mapped as (select channel, month, count(*) as lines, sum_exact(known) as known from mapped_lines group by channel, month),
told as (
    select r.raw_id, r.row_no, f.channel, strftime(f.seen_at, '%Y-%m') as month,
        row_number() over (partition by r.format, r.row_key, r.row_hash order by f.seen_at, r.raw_id, r.row_no) as nth
    from raw_rows as r join raw_files as f on r.raw_id = f.raw_id where r.reject is null
),
balances as (
    select f.raw_id, f.channel, strftime(f.seen_at, '%Y-%m') as month, f.row_count - coalesce(r.n, 0) as lost
    from raw_files as f left join (select raw_id, count(*) as n from raw_rows group by raw_id) as r on f.raw_id = r.raw_id
),
balance as (select channel, month, sum_exact(lost) as lost from balances group by channel, month),
-- A period that was closed again, or company by company, was closed when the last of it was.
last_closed as (
    select *, row_number() over (partition by fiscal_period order by number desc) as nth from closings where action = 'close'
),
measured as (
    select 'freshness_p95' as metric, channel, month, minutes as value, null as currency, null as reason from freshness
    union all
    select 'settlement_match_rate' as metric, channel, month, product_exact(known, 10000) // lines as value, null as currency, null as reason from matched
    union all
    select 'settlement_unexplained' as metric, channel, month, amount_minor as value, currency, null as reason from differing
    union all
    select 'sku_mapping_rate' as metric, channel, month, product_exact(known, 10000) // lines as value, null as currency, null as reason from mapped
    union all
    select 'duplicates_absorbed' as metric, channel, month, sum_exact(case when nth = 1 then 0 else 1 end) as value, null as currency, null as reason
    from told group by channel, month
    union all
    select 'rows_lost' as metric, channel, month, lost as value, null as currency, null as reason from balance
    union all
    select 'exceptions_open' as metric, channel, 'now' as month, count(*) as value, null as currency, null as reason
    from exceptions where channel is not null group by channel
    union all
    select 'exceptions_open' as metric, null as channel, 'now' as month, e.n as value, null as currency, null as reason
    from (select count(*) as n from exceptions) as e
    union all
    select 'days_to_close' as metric, null as channel, fiscal_period as month, date_diff('day', ends_on, decided_on) as value, null as currency, null as reason
    from last_closed where nth = 1
    union all
    select 'days_to_close' as metric, null as channel, 'now' as month, null as value, null as currency, 'no_period_closed' as reason
    from reporting where not exists (select closing_id from closings where action = 'close')
    union all
    select n.metric, null as channel, 'now' as month, null as value, null as currency, n.reason
    from (values ('manual_hours', 'files_do_not_say_what_people_did'), ('stock_accuracy', 'no_stock_ledger_to_compare_with'),
        ('time_to_onboard', 'work_of_people_outside_the_files'), ('time_to_repair', 'work_of_people_outside_the_files'),
        ('transfers_without_approval', 'stands_in_the_transfer_log')) as n(metric, reason)
),
-- A rate is met from below, everything else from above.
targets as (
    select t.metric, t.unit, t.target, t.is_floor
    from (values ('freshness_p95', 'minutes', 5, false), ('settlement_match_rate', 'basis_points', 10000, true),
        ('settlement_unexplained', 'minor_units', 0, false), ('sku_mapping_rate', 'basis_points', 9950, true),
        ('duplicates_absorbed', 'rows', null, false), ('rows_lost', 'rows', 0, false), ('exceptions_open', 'exceptions', 0, false),
        ('days_to_close', 'days', 1, false), ('manual_hours', 'hours', 1, false), ('stock_accuracy', 'basis_points', 10000, true),
        ('time_to_onboard', 'days', null, false), ('time_to_repair', 'hours', null, false),
        ('transfers_without_approval', 'transfers', 0, false)) as t(metric, unit, target, is_floor)
)
select
    cast(m.metric as varchar) as metric,
    cast(m.channel as varchar) as channel,
    cast(m.month as varchar) as month,
    cast(m.value as bigint) as value,
    cast(t.unit as varchar) as unit,
    cast(t.target as bigint) as target,
    cast(case when m.value is null then 'not_measured' when t.target is null then 'no_target'
        when (t.is_floor and m.value >= t.target) or (not t.is_floor and m.value <= t.target) then 'met' else 'missed' end as varchar) as standing,
    cast(m.reason as varchar) as reason,
    cast(m.currency as varchar) as currency
from measured as m join targets as t on m.metric = t.metric
