select
    cast(row_key as varchar) as spend_id,
    cast(spend_channel as varchar) as channel,
    cast(substr(cast(spent_on as varchar), 1, 7) as varchar) as month,
    cast(shop as varchar) as shop,
    cast(spent_on as date) as spent_on,
    cast(campaign as varchar) as campaign,
    cast(currency as varchar) as currency,
    cast(amount_minor as bigint) as amount_minor,
    cast(case when campaign is null then 'day' else 'campaign' end as varchar) as gives_way_by,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, spent_at, exported_at, 0, raw_id, row_no) as varchar) as version
from {FORMAT}
