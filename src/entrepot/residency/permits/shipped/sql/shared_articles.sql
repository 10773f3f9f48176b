-- Articles of the company's own list, each with the version under which this cell claims it.
select
    cast('all' as varchar) as part, cast(s.sku_id as varchar) as sku_id, cast(s.name as varchar) as name,
    cast(s.name_en as varchar) as name_en, cast(s.brand as varchar) as brand, cast(s.category as varchar) as category,
    cast(s.hs_code as varchar) as hs_code, cast(s.unit as varchar) as unit, cast(s.pack_count as bigint) as pack_count,
    cast(s.net_weight_g as bigint) as net_weight_g, cast(s.sensitivity as varchar) as sensitivity,
    cast(v.counter as bigint) as counter, cast(v.saw as bigint) as saw, cast(v.yields as boolean) as yields,
    cast(v.terms as bigint) as terms
from skus as s join domain_versions as v on v.item = s.sku_id
