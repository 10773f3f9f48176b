-- SKU list: several rows of one SKU are its costs from different days on. The VAT rate is a percentage: 13 or 13%. The
-- 0.13 that a workbook keeps behind a cell shown as 13% is refused, for no rate is that low. A barcode's last digit
-- is ten's complement of the others, weighed 3 and 1 from the right (GS1 General Specifications, section 7.9).
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, w.sku_id, w.name, w.name_en, w.brand, w.category, w.tax_code, w.hs_code, w.unit,
        coalesce(w.sensitivity, 'none') as sensitivity, w.currency, w.unit_cost, w.vat_rate, w.valid_from,
        w.pack_count, w.net_weight_g, w.shelf_life_days, w.gtin,
        minor_from_decimal(ungrouped(w.unit_cost, cast(c.digits as bigint)), cast(c.digits as bigint)) as cost_minor, c.digits,
        minor_from_decimal(replace(w.vat_rate, '%', ''), 2) as vat_rate_bp,
        day_from_text(w.valid_from) as valid_on
    from wire as w
    join files as f on w.raw_id = f.raw_id
    left join own_currencies as c on w.currency = c.currency
),
numbers as (
    select *,
        case when regexp_matches(pack_count, '\A[0-9]{1,6}\z') then cast(pack_count as bigint) end as pack_n,
        case when regexp_matches(net_weight_g, '\A[0-9]{1,9}\z') then cast(net_weight_g as bigint) end as weight_n,
        case when regexp_matches(shelf_life_days, '\A[0-9]{1,6}\z') then cast(shelf_life_days as bigint) end as shelf_n,
        case when regexp_matches(gtin, '\A([0-9]{8}|[0-9]{12,14})\z') then lpad(gtin, 14, '0') end as gtin_text
    from cells
)
select
    n.raw_id, n.row_no, n.sku_id || '|' || coalesce(cast(n.valid_on as varchar), n.valid_from, '') as row_key,
    n.sku_id, n.name, n.name_en, n.brand, n.category, n.tax_code, n.hs_code, n.unit, n.sensitivity, n.currency,
    n.cost_minor, n.vat_rate_bp, n.valid_on, n.pack_n, n.weight_n, n.shelf_n, n.gtin, n.exported_at,
    cast(n.valid_on as timestamptz) as valid_at,
    case
        when n.sku_id is null then 'bad_id:sku_id'
        when n.valid_on is null and (n.unit_cost is not null or n.valid_from is not null) then 'bad_time:valid_from'
        when n.unit_cost is not null and n.digits is not null and coalesce(n.cost_minor, -1) < 0 then 'bad_money:unit_cost'
        when n.vat_rate is not null and not coalesce(n.vat_rate_bp = 0 or n.vat_rate_bp between 50 and 10000, false) then 'bad_number:vat_rate'
        when n.pack_count is not null and n.pack_n is null then 'bad_number:pack_count'
        when n.net_weight_g is not null and n.weight_n is null then 'bad_number:net_weight_g'
        when n.shelf_life_days is not null and n.shelf_n is null then 'bad_number:shelf_life_days'
        when n.gtin is not null and not coalesce(
            (10 - (3 * cast(substr(n.gtin_text, 1, 1) as bigint) + cast(substr(n.gtin_text, 2, 1) as bigint)
                + 3 * cast(substr(n.gtin_text, 3, 1) as bigint) + cast(substr(n.gtin_text, 4, 1) as bigint)
                + 3 * cast(substr(n.gtin_text, 5, 1) as bigint) + cast(substr(n.gtin_text, 6, 1) as bigint)
                + 3 * cast(substr(n.gtin_text, 7, 1) as bigint) + cast(substr(n.gtin_text, 8, 1) as bigint)
                + 3 * cast(substr(n.gtin_text, 9, 1) as bigint) + cast(substr(n.gtin_text, 10, 1) as bigint)
                + 3 * cast(substr(n.gtin_text, 11, 1) as bigint) + cast(substr(n.gtin_text, 12, 1) as bigint)
                + 3 * cast(substr(n.gtin_text, 13, 1) as bigint)) % 10) % 10
            = cast(substr(n.gtin_text, 14, 1) as bigint), false) then 'bad_number:gtin'
        when n.digits is null and n.unit_cost is not null then 'unknown_code:currency:' || coalesce(n.currency, '')
        when s.sensitivity is null then 'unknown_code:sensitivity:' || n.sensitivity
    end as reject
from numbers as n left join own_sensitivities as s on n.sensitivity = s.sensitivity
