-- Qianchuan promotion of live rooms, one row per day and account. The account may be a person: it stays a digest here.
-- Total rows are no spend.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, w."日期" as date_text, w."整体消耗" as spend_text,
        digest(w."抖音号名称") as subject, '直播间' as campaign,
        day_from_text(w."日期") as spent_on,
        fen_from_yuan(case when regexp_matches(w."整体消耗", '\A[0-9]{1,3}(,[0-9]{3})+([.][0-9]+)?\z') then replace(w."整体消耗", ',', '')
                           else w."整体消耗" end) as amount_minor
    from wire as w join files as f on w.raw_id = f.raw_id
),
told as (
    select *, coalesce(date_text, '') in ('合计', '总计', '汇总', '全部') or coalesce(subject, '') in ('合计', '总计', '汇总', '全部') as is_total
    from cells
)
select
    raw_id, row_no, concat_ws('|', coalesce(date_text, ''), coalesce(subject, '')) as row_key,
    shop, exported_at, subject, campaign, spent_on, cast(spent_on as timestamptz) as spent_at, amount_minor, is_total,
    case
        when is_total then null
        when spent_on is null then 'bad_time:日期'
        when amount_minor is null or amount_minor < 0 then 'bad_money:整体消耗'
        when subject is null then 'bad_id:抖音号名称'
    end as reject
from told
