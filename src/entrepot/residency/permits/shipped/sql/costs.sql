-- Costs of the company's own list.
select
    cast('all' as varchar) as part, cast(sku_id as varchar) as sku_id, cast(valid_from as date) as valid_from,
    cast(currency as varchar) as currency, cast(cost_minor as bigint) as cost_minor, cast(method as varchar) as method
from sku_costs
