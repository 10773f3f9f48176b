-- Companies of the group, each with the version under which this cell claims it.
select
    cast('all' as varchar) as part, cast(e.entity_id as varchar) as entity_id, cast(e.country as varchar) as country,
    cast(e.functional_currency as varchar) as functional_currency,
    cast(v.counter as bigint) as counter, cast(v.saw as bigint) as saw, cast(v.yields as boolean) as yields,
    cast(v.terms as bigint) as terms
from legal_entities as e join domain_versions as v on v.item = e.entity_id
