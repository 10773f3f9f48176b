-- Parts of a campaign on a day are added up; nothing spent is no row.
with days as (
    select raw_id, shop, spent_on, business, subject, max(campaign) as campaign, sum_exact(amount_minor) as spent_minor,
        min(row_no) as row_no, max(spent_at) as spent_at, max(exported_at) as exported_at
    from jzt_ads
    where not is_total
    group by raw_id, shop, spent_on, business, subject
)
select
    cast(digest(concat_ws('|', 'jzt_ads', coalesce(shop, ''), cast(spent_on as varchar), business, subject)) as varchar) as spend_id,
    cast('jd' as varchar) as channel,
    cast(substr(cast(spent_on as varchar), 1, 7) as varchar) as month,
    cast(shop as varchar) as shop,
    cast(spent_on as date) as spent_on,
    cast(campaign as varchar) as campaign,
    cast('CNY' as varchar) as currency,
    cast(spent_minor as bigint) as amount_minor,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, spent_at, exported_at, 0, raw_id, row_no) as varchar) as version
from days
where spent_minor <> 0
