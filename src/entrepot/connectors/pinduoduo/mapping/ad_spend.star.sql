-- One spend per day.
select
    cast(digest(concat_ws('|', 'pinduoduo_star_ads', coalesce(shop, ''), cast(spent_on as varchar), coalesce(subject, ''))) as varchar) as spend_id,
    cast('pinduoduo' as varchar) as channel,
    cast(substr(cast(spent_on as varchar), 1, 7) as varchar) as month,
    cast(shop as varchar) as shop,
    cast(spent_on as date) as spent_on,
    cast(max(campaign) as varchar) as campaign,
    cast('CNY' as varchar) as currency,
    cast(sum_exact(amount_minor) as bigint) as amount_minor,
    cast('campaign' as varchar) as gives_way_by,
    cast(raw_id as varchar) as raw_id,
    cast(min(row_no) as bigint) as row_no,
    cast(row_version(null, max(spent_at), max(exported_at), 0, raw_id, min(row_no)) as varchar) as version
from pinduoduo_star_ads
where not is_total
group by raw_id, shop, spent_on, subject
