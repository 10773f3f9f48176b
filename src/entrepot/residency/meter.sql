-- One row per person: a digest of the person key, and bits that say in which way the person is among the rows. Bit 1 is
-- sensitive; the others are the kinds of subject, in the order of `meter_reading.SUBJECTS`.
select
    unhex(sha256(person_key)) as person,
    cast(
        max(case when class = 'sensitive' then 1 else 0 end)
        + max(case when subject = 'buyer' then 2 else 0 end)
        + max(case when subject = 'recipient' then 4 else 0 end)
        + max(case when subject = 'declarant' then 8 else 0 end)
        + max(case when subject = 'invoice_holder' then 16 else 0 end)
        + max(case when subject = 'talent' then 32 else 0 end)
        + max(case when subject = 'employee' then 64 else 0 end)
        + max(case when subject = 'b2b_contact' then 128 else 0 end)
    as bigint) as mask
from persons
group by person_key
order by person
