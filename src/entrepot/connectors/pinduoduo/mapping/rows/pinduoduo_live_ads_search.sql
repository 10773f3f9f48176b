-- Advertising of a day by API, one row per day of pdd.ad.api.report.daily.report.query; money in li, 1/1000 yuan. Fen are
-- rounded half up (assumed: as the platform's own reports are).
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, w.date_text, day_from_text(w.date_text) as spent_on,
        case when regexp_matches(w.spend, '\A[0-9]{1,15}\z') then half_up_div(cast(w.spend as bigint), 10) end as amount_minor
    from wire as w join files as f on w.raw_id = f.raw_id
)
select
    raw_id, row_no, date_text as row_key, shop, exported_at, spent_on, cast(spent_on as timestamptz) as spent_at, amount_minor,
    case
        when spent_on is null then 'bad_time:date'
        when amount_minor is null then 'bad_money:spend'
    end as reject
from cells
