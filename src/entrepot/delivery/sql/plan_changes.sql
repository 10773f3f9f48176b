-- What a plan changes: every journal of the period that is new, changed or gone, beside what was planned of it before.
-- `known_documents` has the newest document of each journal; `was_begun` says whether anything of it may be in the ERP.
with both_sides as (
    select coalesce(p.document_id, k.base_id) as base_id, p.payload_hash as new_hash, k.payload_hash as old_hash,
        k.document_id as old_id, k.was_begun, k.is_reversal, k.version
    from planned_documents as p
    full join known_documents as k on p.document_id = k.base_id
)
select
    cast(base_id as varchar) as base_id,
    cast(old_id as varchar) as old_id,
    cast(coalesce(version, 0) as bigint) as version,
    cast(case when old_id is null or (is_reversal and new_hash is not null) then 'new'
              when is_reversal then 'same'
              when new_hash is null and was_begun then 'reverse'
              when new_hash is null then 'drop'
              when new_hash = old_hash then 'same'
              when was_begun then 'repost'
              else 'replace' end as varchar) as action
from both_sides
