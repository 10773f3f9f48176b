-- Articles of the company's own list.
select
    cast('all' as varchar) as part, cast(sku_id as varchar) as sku_id, cast(name as varchar) as name, cast(name_en as varchar) as name_en,
    cast(brand as varchar) as brand, cast(category as varchar) as category, cast(hs_code as varchar) as hs_code,
    cast(unit as varchar) as unit, cast(pack_count as bigint) as pack_count, cast(net_weight_g as bigint) as net_weight_g,
    cast(sensitivity as varchar) as sensitivity
from skus
