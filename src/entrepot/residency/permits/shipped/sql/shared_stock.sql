-- Stock as its keeper states it, each line with the version under which this cell claims it.
with stated as (
    select month, stock_day, sku_id, location, custodian, customs_regime, quality, purpose, sum_exact(quantity) as quantity
    from stock_snapshots
    group by month, stock_day, sku_id, location, custodian, customs_regime, quality, purpose
)
select
    cast(s.month as varchar) as month, cast(s.stock_day as date) as stock_day, cast(s.sku_id as varchar) as sku_id,
    cast(s.location as varchar) as location, cast(s.custodian as varchar) as custodian,
    cast(s.customs_regime as varchar) as customs_regime, cast(s.quality as varchar) as quality,
    cast(s.purpose as varchar) as purpose, cast(s.quantity as bigint) as quantity,
    cast(v.counter as bigint) as counter, cast(v.saw as bigint) as saw, cast(v.yields as boolean) as yields,
    cast(v.terms as bigint) as terms
from stated as s
join domain_versions as v on v.item = cast(s.stock_day as varchar) || '/' || s.sku_id || '/' || s.location || '/'
    || s.custodian || '/' || s.customs_regime || '/' || s.quality || '/' || s.purpose
