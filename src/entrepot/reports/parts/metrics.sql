-- Parts of the figures of reports/sql/metrics.sql: the rows that were counted; of a rate those that pass over all; of the
-- age that 95 of 100 do not exceed the row that has it.
with found as (
    select 'freshness_p95' as metric, channel, month, null as currency, 'part' as role, part, minutes as amount from freshness
    union all
    select 'settlement_match_rate' as metric, m.channel, m.month, null as currency, n.role,
        'entry/' || m.entry_id || '/line-' || cast(m.line_no as varchar) as part, case n.role when 'numerator' then m.known else 1 end as amount
    from matched_lines as m cross join (values ('numerator'), ('denominator')) as n(role)
    union all
    select 'settlement_unexplained' as metric, channel, strftime(settled_at, '%Y-%m') as month, currency, 'part' as role, 'order/' || order_key as part,
        abs(income_minor - expected_minor) as amount
    from order_positions where income_minor is not null
    union all
    select 'sku_mapping_rate' as metric, m.channel, m.month, null as currency, n.role, 'order/' || m.order_key as part,
        case n.role when 'numerator' then m.known else 1 end as amount
    from mapped_lines as m cross join (values ('numerator'), ('denominator')) as n(role)
    union all
    select 'duplicates_absorbed' as metric, channel, month, null as currency, 'part' as role,
        'row/raw_rows/' || raw_id || '/' || cast(row_no as varchar) as part, 1 as amount
    from told where nth > 1
    union all
    select 'rows_lost' as metric, channel, month, null as currency, 'part' as role, 'row/raw_files/' || raw_id as part, lost as amount from balances
    union all
    select 'exceptions_open' as metric, channel, 'now' as month, null as currency, 'part' as role, 'exception/' || exception_id as part, 1 as amount
    from exceptions where channel is not null
    union all
    select 'exceptions_open' as metric, null as channel, 'now' as month, null as currency, 'part' as role, 'exception/' || e.exception_id as part, 1 as amount
    from exceptions as e
    union all
    select 'days_to_close' as metric, null as channel, fiscal_period as month, null as currency, 'part' as role, closing_id as part,
        date_diff('day', ends_on, decided_on) as amount
    from last_closed where nth = 1
)
select
    cast(metric as varchar) as metric,
    cast(channel as varchar) as channel,
    cast(month as varchar) as month,
    cast(currency as varchar) as currency,
    cast('value' as varchar) as figure,
    cast(role as varchar) as role,
    cast(part as varchar) as part,
    cast(amount as bigint) as amount
from found
