-- Spend of a promotion of the whole shop on a day; nothing spent is no row.
select
    cast(digest(concat_ws('|', 'pinduoduo_live_ads_whole', coalesce(shop, ''), cast(spent_on as varchar), goods_id)) as varchar) as spend_id,
    cast('pinduoduo' as varchar) as channel,
    cast(substr(cast(spent_on as varchar), 1, 7) as varchar) as month,
    cast(shop as varchar) as shop,
    cast(spent_on as date) as spent_on,
    cast(campaign as varchar) as campaign,
    cast('CNY' as varchar) as currency,
    cast(amount_minor as bigint) as amount_minor,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, spent_at, exported_at, 0, raw_id, row_no) as varchar) as version
from pinduoduo_live_ads_whole
where amount_minor <> 0
