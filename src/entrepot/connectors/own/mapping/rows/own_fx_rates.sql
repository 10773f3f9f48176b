-- Exchange rates as a list states them: so many units of the quote currency for `units` of the base (1 where it is silent).
with cells as (
    select w.raw_id, w.row_no, f.exported_at, w.base_currency, w.quote_currency, b.digits as base_digits, q.digits as quote_digits,
           day_from_text(w.date) as rate_on, coalesce(w.rate_source, 'own') as rate_source,
           case when regexp_matches(w.rate, '\A[0-9]{1,7}([.][0-9]{1,9})?\z')
                then cast(cast(w.rate as decimal(38, 9)) * 1000000000 as bigint) end as rate_e9,
           case when w.units is null then 1
                when regexp_matches(w.units, '\A[1-9][0-9]{0,5}\z') then cast(w.units as bigint) end as units
    from wire as w
    join files as f on w.raw_id = f.raw_id
    left join own_currencies as b on w.base_currency = b.currency
    left join own_currencies as q on w.quote_currency = q.currency
)
select
    raw_id, row_no, base_currency || '/' || quote_currency || ':' || cast(rate_on as varchar) || ':' || rate_source as row_key,
    exported_at, base_currency, quote_currency, rate_on, rate_source,
    half_up_div(rate_e9, coalesce(units, 1)) as rate_e9,
    case
        when rate_on is null then 'bad_time:date'
        when base_digits is null then 'unknown_code:base_currency:' || coalesce(base_currency, '')
        when quote_digits is null then 'unknown_code:quote_currency:' || coalesce(quote_currency, '')
        when base_currency = quote_currency then 'inconsistent_code:quote_currency'
        when rate_e9 is null or rate_e9 = 0 then 'bad_number:rate'
        when units is null then 'bad_number:units'
        when contains(rate_source, ':') then 'bad_id:rate_source'
    end as reject
from cells
