-- Which movement is which payout. An empty cell under `decision` decides nothing.
with cells as (
    select w.raw_id, w.row_no, f.exported_at, w.bank_line_id, w.payout_id, w.decision as decision_text, w.decided_by, w.reason,
           w.decided_at as decided_text, instant_or_utc(w.decided_at) as decided_at,
           case when w.decision is null then 'none' else d.decision end as decision
    from wire as w join files as f on w.raw_id = f.raw_id left join own_decisions as d on lower(w.decision) = d.word
)
select
    raw_id, row_no, exported_at, bank_line_id, payout_id, decision, decided_by, reason, decided_at,
    concat_ws('|', coalesce(bank_line_id, ''), coalesce(payout_id, '')) as row_key,
    case
        when decision is null then 'unknown_code:decision:' || decision_text
        when decision = 'none' then null
        when bank_line_id is null then 'missing_value:bank_line_id'
        when payout_id is null then 'missing_value:payout_id'
        when decided_by is null then 'missing_value:decided_by'
        when decided_text is not null and decided_at is null then 'bad_time:decided_at'
    end as reject
from cells
