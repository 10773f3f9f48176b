-- Cost prices of the company's own list, each with the version under which this cell claims it.
select
    cast('all' as varchar) as part, cast(c.sku_id as varchar) as sku_id, cast(c.valid_from as date) as valid_from,
    cast(c.currency as varchar) as currency, cast(c.cost_minor as bigint) as cost_minor, cast(c.method as varchar) as method,
    cast(v.counter as bigint) as counter, cast(v.saw as bigint) as saw, cast(v.yields as boolean) as yields,
    cast(v.terms as bigint) as terms
from sku_costs as c
join domain_versions as v on v.item = cast(c.sku_id as varchar) || '/' || cast(c.valid_from as varchar)
