-- Declared settlement lines: amounts signed, positive towards the seller.
with cells as (
    select w.raw_id, w.row_no, f.exported_at, {line_id} as line_text, {order_id} as order_id, {settlement_id} as settlement_id,
        coalesce({shop}, {SHOP}, f.shop) as shop, coalesce({CURRENCY}, {currency}) as currency, {fee_code} as fee_text, {item} as item,
        {kind} as kind_word, {amount} as amount_text,
        coalesce(instant_from_offset({booked_at}), instant_from_beijing(coalesce(cast(day_from_text({booked_at}) as varchar) || ' 00:00:00', {booked_at})){SHIFT}) as booked_at
    from wire as w join files as f on w.raw_id = f.raw_id
),
typed as (
    select z.*, c.digits, k.kind, e.fee, minor_from_decimal(ungrouped(z.amount_text, cast(c.digits as bigint)), cast(c.digits as bigint)) as amount_minor
    from cells as z
    left join {FORMAT}_currencies as c on z.currency = c.currency
    left join {FORMAT}_kinds as k on z.kind_word = k.word
    left join {FORMAT}_fees as e on z.fee_text = e.word
),
counted as (
    select *,
        -- By values and not by their texts, which differ between a CSV and a workbook of the same lines.
        digest(concat_ws('|', coalesce(line_text, ''), coalesce(order_id, ''), coalesce(kind_word, ''),
                         coalesce(cast(amount_minor as varchar), amount_text, ''), instant_digits(booked_at),
                         coalesce(item, ''))) as content
    from typed
),
twinned as (select *, row_number() over (partition by raw_id, content order by row_no) as twin from counted)
select raw_id, row_no,
    case when line_text is not null then digest(line_text) else content || '-' || cast(twin as varchar) end as row_key, order_id, settlement_id, shop, currency,
    coalesce(item, case when kind = 'fee' then fee_text end) as item, booked_at, exported_at,
    coalesce(line_text, content || '-' || cast(twin as varchar)) as line_id, kind, amount_minor,
    case when kind = 'fee' then case when fee_text is null then 'other_fee' else fee end end as fee_code,
    case
        when booked_at is null then 'bad_time:booked_at'
        when digits is not null and amount_minor is null then 'bad_money:amount'
        when digits is null then 'unknown_code:currency:' || coalesce(currency, '')
        when kind is null then 'unknown_code:kind:' || coalesce(kind_word, '')
        when kind = 'fee' and fee_text is not null and fee is null then 'unknown_code:fee_code:' || fee_text
    end as reject
from twinned
