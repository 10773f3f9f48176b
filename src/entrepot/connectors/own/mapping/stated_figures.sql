select
    cast('own' as varchar) as channel,
    cast(substr(stated_for, 1, 7) as varchar) as month,
    cast(platform as varchar) as platform,
    cast(shop as varchar) as shop,
    cast(stated_for as varchar) as stated_for,
    cast(measure as varchar) as measure,
    cast(currency as varchar) as currency,
    cast(amount_minor as bigint) as amount_minor,
    cast(figure_source as varchar) as figure_source,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, null, exported_at, 0, raw_id, row_no) as varchar) as version
from own_platform_figures
