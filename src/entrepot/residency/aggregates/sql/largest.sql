-- The two largest persons of each system, by all their parts together.
with wholes as (
    select system, person, sum_exact(abs(amount_minor)) as whole_minor
    from agg_asked where person is not null group by system, person
),
ranked as (
    select system, whole_minor, row_number() over (partition by system order by whole_minor desc, person) as nth from wholes
)
select
    cast(system as bigint) as system,
    cast(sum_exact(case when nth = 1 then whole_minor else 0 end) as bigint) as first_minor,
    cast(sum_exact(case when nth = 2 then whole_minor else 0 end) as bigint) as second_minor
from ranked where nth <= 2
group by system
