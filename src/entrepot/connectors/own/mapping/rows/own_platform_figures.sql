-- Figures of the seller centre for a month (2026-09, 2026/9, 2026年9月) or a day. The measures' Chinese words are those of
-- the seller centres' own boards; that each means what ours does is our reading, which is why the report names differences.
with cells as (
    select w.raw_id, w.row_no, f.exported_at, w.channel as platform, w.shop, w.measure as measure_text, m.measure, w.currency, w.amount,
        w.period, w.figure_source, c.digits,
        case when regexp_matches(w.period, '\A[12][0-9]{3}[-/年][0-9]{1,2}月?\z')
             then day_from_text(substr(w.period, 1, 4) || '-' || regexp_extract(w.period, '[-/年]([0-9]{1,2})', 1) || '-01') end as month_on,
        day_from_text(w.period) as day_on,
        minor_from_decimal(ungrouped(w.amount, cast(c.digits as bigint)), cast(c.digits as bigint)) as amount_minor
    from wire as w
    join files as f on w.raw_id = f.raw_id
    left join own_measures as m on lower(w.measure) = m.word
    left join own_currencies as c on w.currency = c.currency
),
dated as (
    select *, case when month_on is not null then substr(cast(month_on as varchar), 1, 7) else cast(day_on as varchar) end as stated_for from cells
)
select
    raw_id, row_no, exported_at, platform, shop, stated_for, measure, currency, amount_minor, figure_source,
    concat_ws('|', coalesce(platform, ''), coalesce(shop, ''), coalesce(stated_for, ''), coalesce(measure, ''), coalesce(currency, '')) as row_key,
    case
        when not coalesce(regexp_matches(platform, '\A[a-z][a-z0-9_]*\z'), false) then 'unknown_code:channel:' || coalesce(platform, '')
        when shop is null then 'missing_value:shop'
        when stated_for is null then 'bad_time:period'
        when measure is null then 'unknown_code:measure:' || coalesce(measure_text, '')
        when digits is null then 'unknown_code:currency:' || coalesce(currency, '')
        when amount_minor is null then 'bad_money:amount'
    end as reject
from dated
