-- Stock as its keeper states it.
select
    cast(month as varchar) as month, cast(stock_day as date) as stock_day, cast(sku_id as varchar) as sku_id,
    cast(location as varchar) as location, cast(custodian as varchar) as custodian, cast(customs_regime as varchar) as customs_regime,
    cast(quality as varchar) as quality, cast(purpose as varchar) as purpose, cast(sum_exact(quantity) as bigint) as quantity
from stock_snapshots
group by month, stock_day, sku_id, location, custodian, customs_regime, quality, purpose
