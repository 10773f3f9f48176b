-- Advertising of a day by API, one row per account and kind of plans of v1.0/qianchuan/report/all_promotion/get/; yuan. Which
-- day, account and kind stands in the question; a question about more than a day would be no row.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, w.advertiser_id, w.adlab_scene, w.start_time, w.end_time,
        case w.adlab_scene when 'UNI_PROJECT' then '千川全域' when 'OVERALL_PROJECT' then '千川乘方' end as campaign,
        case when substr(w.start_time, 1, 10) = substr(w.end_time, 1, 10) then day_from_text(substr(w.start_time, 1, 10)) end as spent_on,
        minor_from_decimal(w.spent, 2) as amount_minor
    from wire as w join files as f on w.raw_id = f.raw_id
)
select
    raw_id, row_no, concat_ws('|', start_time, advertiser_id, adlab_scene) as row_key, shop, exported_at, advertiser_id, campaign,
    spent_on, cast(spent_on as timestamptz) as spent_at, amount_minor,
    case
        when spent_on is null then 'bad_time:start_time'
        when not is_plain_id(advertiser_id) then 'bad_id:advertiser_id'
        when campaign is null then 'unknown_code:adlab_scene:' || coalesce(adlab_scene, '')
        when amount_minor is null then 'bad_money:stat_cost_for_roi2'
        when amount_minor < 0 then 'negative_amount:stat_cost_for_roi2'
    end as reject
from cells
