-- Promotion of the whole shop by API, one row per day and article of pdd.ad.api.unit.tr.list.ad.info; money in li, 1/1000 yuan.
-- The day stands in the question; a question about more than a day would be no row. A promotion without any figures spent
-- nothing (assumed). Fen are rounded half up (assumed: as the platform's own reports are).
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, w."startDate" as start_text, w."goodsId" as goods_id,
        coalesce(w."adName", w."goodsId") as campaign,
        case when substr(w."startDate", 1, 10) = substr(w."endDate", 1, 10)
             then day_from_text(substr(w."startDate", 1, 10)) end as spent_on,
        case when regexp_matches(w.spend, '\A[0-9]{1,15}\z') then half_up_div(cast(w.spend as bigint), 10)
             when w.spend is null and w.impression is null then 0 end as amount_minor
    from wire as w join files as f on w.raw_id = f.raw_id
)
select
    raw_id, row_no, concat_ws('|', start_text, goods_id) as row_key, shop, exported_at, goods_id, campaign, spent_on,
    cast(spent_on as timestamptz) as spent_at, amount_minor,
    case
        when spent_on is null then 'bad_time:startDate'
        when not is_plain_id(goods_id) then 'bad_id:goodsId'
        when amount_minor is null then 'bad_money:spend'
    end as reject
from cells
