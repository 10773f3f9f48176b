-- Report of JD's advertising by day, one row per campaign or what it was cut into. Total rows are no spend.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, w."日期" as date_text, w."产品线" as business, w."计划ID" as subject,
        coalesce(w."推广计划", w."计划ID") as campaign,
        day_from_text(w."日期") as spent_on,
        fen_from_yuan(case when regexp_matches(w."总费用", '\A[0-9]{1,3}(,[0-9]{3})+([.][0-9]+)?\z') then replace(w."总费用", ',', '')
                           else w."总费用" end) as amount_minor
    from wire as w join files as f on w.raw_id = f.raw_id
),
told as (
    select *, coalesce(date_text, '') in ('合计', '总计', '汇总', '全部') or coalesce(business, '') in ('合计', '总计', '汇总')
            or coalesce(subject, '') in ('合计', '总计', '汇总') as is_total,
        row_number() over (partition by raw_id, date_text, business, subject order by row_no) as place
    from cells
)
select
    raw_id, row_no,
    -- A campaign that is cut into units, creatives or articles has several rows of one day.
    concat_ws('|', coalesce(date_text, ''), coalesce(business, ''), coalesce(subject, ''), cast(place as varchar)) as row_key,
    shop, exported_at, business, subject, campaign, spent_on, cast(spent_on as timestamptz) as spent_at, amount_minor, is_total,
    case
        when is_total then null
        when spent_on is null then 'bad_time:日期'
        when amount_minor is null or amount_minor < 0 then 'bad_money:总费用'
        when business is null then 'unknown_code:产品线:'
        when subject is null then 'bad_id:计划ID'
    end as reject
from told
