-- Tmall advertising report, one row per day and campaign, or per day, campaign and subject. Total rows are no spend.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, w."日期" as date_text, w."花费" as spend_text,
        w."计划ID" as subject, coalesce(w."计划名字", w."计划ID") as campaign,
        day_from_text(w."日期") as spent_on,
        fen_from_yuan(case when regexp_matches(w."花费", '\A[0-9]{1,3}(,[0-9]{3})+([.][0-9]+)?\z') then replace(w."花费", ',', '')
                           else w."花费" end) as amount_minor
    from wire as w join files as f on w.raw_id = f.raw_id
),
told as (
    select *, coalesce(date_text, '') in ('合计', '总计', '汇总', '全部') or coalesce(subject, '') in ('合计', '总计', '汇总', '全部') as is_total,
        row_number() over (partition by raw_id, date_text, subject order by row_no) as place
    from cells
)
select
    raw_id, row_no,
    -- Several subjects of a campaign are several rows of one day.
    concat_ws('|', coalesce(date_text, ''), coalesce(subject, ''), cast(place as varchar)) as row_key,
    shop, exported_at, subject, campaign, spent_on, cast(spent_on as timestamptz) as spent_at, amount_minor, is_total,
    case
        when is_total then null
        when spent_on is null then 'bad_time:日期'
        when amount_minor is null or amount_minor < 0 then 'bad_money:花费'
        when subject is null then 'bad_id:计划ID'
    end as reject
from told
