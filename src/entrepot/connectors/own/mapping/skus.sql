-- The newest row of a SKU in a file describes it.
select
    cast(sku_id as varchar) as sku_id,
    cast('own' as varchar) as channel,
    cast(name as varchar) as name,
    cast(name_en as varchar) as name_en,
    cast(brand as varchar) as brand,
    cast(category as varchar) as category,
    cast(vat_rate_bp as bigint) as vat_rate_bp,
    cast(tax_code as varchar) as tax_code,
    cast(hs_code as varchar) as hs_code,
    cast(unit as varchar) as unit,
    cast(pack_n as bigint) as pack_count,
    cast(weight_n as bigint) as net_weight_g,
    cast(shelf_n as bigint) as shelf_life_days,
    cast(sensitivity as varchar) as sensitivity,
    cast(gtin as varchar) as gtin,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, valid_at, exported_at, 0, raw_id, row_no) as varchar) as version
from own_sku_list
