-- Advertising of a day by API, one row per day and campaign of taobao.universalbp.report.query.campaign; yuan (assumed, as the
-- export states them).
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, w.thedate, w.campaign_id, coalesce(w.campaign_name, w.campaign_id) as campaign,
        case when regexp_matches(w.thedate, '\A[0-9]{8}\z')
             then day_from_text(substr(w.thedate, 1, 4) || '-' || substr(w.thedate, 5, 2) || '-' || substr(w.thedate, 7, 2))
             else day_from_text(w.thedate) end as spent_on,
        minor_from_decimal(w.charge, 2) as amount_minor
    from wire as w join files as f on w.raw_id = f.raw_id
)
select
    raw_id, row_no, concat_ws('|', thedate, campaign_id) as row_key, shop, exported_at, campaign_id, campaign, spent_on,
    cast(spent_on as timestamptz) as spent_at, amount_minor,
    case
        when spent_on is null then 'bad_time:thedate'
        when not is_plain_id(campaign_id) then 'bad_id:campaign_id'
        when amount_minor is null then 'bad_money:charge'
        when amount_minor < 0 then 'negative_amount:charge'
    end as reject
from cells
