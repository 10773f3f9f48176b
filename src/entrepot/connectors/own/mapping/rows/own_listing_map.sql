-- Which SKUs a listing sells. Without a column `decision` every row is one; with it, an empty cell decides nothing. The
-- rows of one decision about one listing share its price and count together or not at all; a single row has all of it.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, w.channel, w.shop, k.listing_kind, w.listing_kind as kind_text, w.listing_id,
        w.sku_id, w.qty as qty_text, w.share, w.valid_from, w.valid_to, w.decided_at as decided_text, w.decided_by, w.reason,
        day_from_text(w.valid_from) as valid_on, day_from_text(w.valid_to) as ends_on,
        coalesce(instant_or_utc(w.decided_at), cast(day_from_text(w.valid_from) as timestamptz)) as decided_at,
        case when regexp_matches(coalesce(w.qty, '1'), '\A[1-9][0-9]{0,5}\z') then cast(coalesce(w.qty, '1') as bigint) end as qty,
        minor_from_decimal(replace(w.share, '%', ''), 2) as stated_bp,
        case when contains(f.column_set, '|decision|') then w.decision else 'accepted' end as decision_text,
        d.decision as decision_known
    from wire as w
    join files as f on w.raw_id = f.raw_id
    left join own_listing_kinds as k on lower(coalesce(w.listing_kind, 'listing')) = k.word
    left join own_decisions as d on lower(w.decision) = d.word
),
decided as (
    select *, case when decision_text is null then 'none' when decision_text = 'accepted' then 'accepted'
                   else decision_known end as decision
    from cells
),
judged as (
    select *,
        case
            when not coalesce(regexp_matches(channel, '\A[a-z][a-z0-9_]*\z'), false) then 'unknown_code:channel:' || coalesce(channel, '')
            when shop is null then 'missing_value:shop'
            when listing_kind is null then 'unknown_code:listing_kind:' || coalesce(kind_text, '')
            when listing_id is null then 'missing_value:listing_id'
            when decision is null then 'unknown_code:decision:' || decision_text
            when sku_id is null and decision <> 'none' then 'missing_value:sku_id'
            when qty is null then 'bad_number:qty'
            when share is not null and not coalesce(stated_bp between 0 and 10000, false) then 'bad_number:share'
            when valid_on is null then 'bad_time:valid_from'
            when valid_to is not null and (ends_on is null or ends_on < valid_on) then 'bad_time:valid_to'
            when decided_text is not null and instant_or_utc(decided_text) is null then 'bad_time:decided_at'
        end as own_reject
    from decided
),
counted as (
    select *,
        count(*) over (partition by raw_id, channel, shop, listing_kind, listing_id, valid_on, decided_at, decision) as parts,
        max(own_reject) over (partition by raw_id, channel, shop, listing_kind, listing_id, valid_on, decided_at, decision) is not null
            as has_reject
    from judged
),
shared as (
    select *, case when parts = 1 then coalesce(stated_bp, 10000) else coalesce(stated_bp, 0) end as share_bp from counted
),
summed as (
    select *, sum_exact(share_bp) over (partition by raw_id, channel, shop, listing_kind, listing_id, valid_on, decided_at, decision)
        as shares_bp
    from shared
)
select
    raw_id, row_no, exported_at, channel, shop, listing_kind, listing_id, sku_id, qty, share_bp, valid_on, ends_on, decision,
    decided_at, decided_by, reason,
    concat_ws('|', channel, shop, listing_kind, listing_id, coalesce(sku_id, ''), cast(valid_on as varchar),
              instant_digits(decided_at), decision) as row_key,
    case
        when own_reject is not null then own_reject
        when decision <> 'accepted' then null
        when has_reject then 'part_of_refused:listing_id'
        when shares_bp <> 10000 then 'unbalanced:share'
    end as reject
from summed
