-- Parts of a campaign on a day are added up; nothing spent is no row.
select
    cast(digest(concat_ws('|', 'jzt_ads', coalesce(shop, ''), cast(spent_on as varchar), business, subject)) as varchar) as spend_id,
    cast('jd' as varchar) as channel,
    cast(substr(cast(spent_on as varchar), 1, 7) as varchar) as month,
    cast(shop as varchar) as shop,
    cast(spent_on as date) as spent_on,
    cast(max(campaign) as varchar) as campaign,
    cast('CNY' as varchar) as currency,
    cast(sum_exact(amount_minor) as bigint) as amount_minor,
    cast(raw_id as varchar) as raw_id,
    cast(min(row_no) as bigint) as row_no,
    cast(row_version(null, max(spent_at), max(exported_at), 0, raw_id, min(row_no)) as varchar) as version
from jzt_ads
where not is_total
group by raw_id, shop, spent_on, business, subject
having sum_exact(amount_minor) <> 0
