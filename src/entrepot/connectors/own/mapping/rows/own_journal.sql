-- Journals that people wrote. An adjustment says why, who wrote it and who else approved it, and balances per currency;
-- one doubtful row refuses its whole journal. An opening balance needs none of that: its other side is the opening account.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, w.journal, k.journal_kind as kind, w.kind as kind_text, w.entity, w.account,
        w.currency, cast(c.digits as bigint) as digits, w.channel as shop_channel, w.shop, w.sku_id, w.wallet, w.reason,
        w.prepared_by, w.approved_by, w.debit, w.credit, day_from_text(w.date) as on_day,
        minor_from_decimal(ungrouped(coalesce(w.debit, '0'), cast(c.digits as bigint)), cast(c.digits as bigint)) as debit_minor,
        minor_from_decimal(ungrouped(coalesce(w.credit, '0'), cast(c.digits as bigint)), cast(c.digits as bigint)) as credit_minor
    from wire as w
    join files as f on w.raw_id = f.raw_id
    left join own_currencies as c on w.currency = c.currency
    left join own_journal_kinds as k on lower(w.kind) = k.kind
),
judged as (
    select *,
        row_number() over (partition by raw_id, journal order by row_no) as line_no,
        case
            when not is_plain_id(journal) then 'bad_id:journal'
            when kind is null then 'unknown_code:kind:' || coalesce(kind_text, '')
            when on_day is null then 'bad_time:date'
            when account is null then 'missing_value:account'
            when digits is null then 'unknown_code:currency:' || coalesce(currency, '')
            when coalesce(debit_minor, -1) < 0 then 'bad_money:debit'
            when coalesce(credit_minor, -1) < 0 then 'bad_money:credit'
            when debit_minor > 0 and credit_minor > 0 then 'inconsistent_amount:credit'
            when kind = 'adjustment' and reason is null then 'missing_value:reason'
            when kind = 'adjustment' and prepared_by is null then 'missing_value:prepared_by'
            when kind = 'adjustment' and approved_by is null then 'missing_value:approved_by'
            when kind = 'adjustment' and prepared_by = approved_by then 'same_person:approved_by'
        end as own_reject
    from cells
),
summed as (
    select *,
        max(own_reject) over (partition by raw_id, journal) is not null as has_reject,
        min(kind) over (partition by raw_id, journal) <> max(kind) over (partition by raw_id, journal) as mixes_kinds,
        min(on_day) over (partition by raw_id, journal) <> max(on_day) over (partition by raw_id, journal) as mixes_days,
        sum_exact(debit_minor - credit_minor) over (partition by raw_id, journal, entity, currency) as rest_minor
    from judged
),
balanced as (
    select *, max(case when kind = 'adjustment' and rest_minor <> 0 then 1 else 0 end) over (partition by raw_id, journal) = 1 as is_unbalanced
    from summed
)
select
    raw_id, row_no, journal || ':' || cast(line_no as varchar) as row_key, exported_at, journal, line_no, kind, on_day,
    cast(on_day as timestamptz) as on_instant, entity, account, currency, debit_minor - credit_minor as amount_minor,
    shop_channel, shop, sku_id, wallet, reason, prepared_by, approved_by,
    case
        when own_reject is not null then own_reject
        when has_reject then 'part_of_refused:journal'
        when mixes_kinds then 'inconsistent_code:kind'
        when mixes_days then 'inconsistent_time:date'
        when is_unbalanced then 'unbalanced:journal'
    end as reject
from balanced
