select
    cast(bank_line_id as varchar) as bank_line_id,
    cast(payout_id as varchar) as payout_id,
    cast('own' as varchar) as channel,
    cast(decision as varchar) as decision,
    cast(decided_by as varchar) as decided_by,
    cast(reason as varchar) as reason,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(decided_at, null, exported_at, 0, raw_id, row_no) as varchar) as version
from own_bank_matches
where decision <> 'none'
