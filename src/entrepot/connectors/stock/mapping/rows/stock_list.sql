-- One row per SKU, place and state. What a list does not say is the plain case: own keeping, duty paid, good, free.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, w.sku_id, w.location, w.entity_id, w.account_book, w.lot, w.unit,
        coalesce(w.custodian, 'own') as custodian_word, coalesce(w.customs_regime, 'duty_paid') as regime_word,
        coalesce(w.quality, 'good') as quality_word, coalesce(w.purpose, 'free') as purpose_word,
        w.account_item as item_text, w.expires_on as expiry_text, w.stated_at as stated_text,
        instant_from_beijing(w.stated_at) as stated_at, day_from_text(w.stock_day) as stock_on,
        day_from_text(w.expires_on) as expiry_on,
        case when regexp_matches(w.account_item, '\A[0-9]{1,9}\z') then cast(w.account_item as bigint) end as account_n,
        case when regexp_matches(w.quantity, '\A-?[0-9]{1,12}([.]0{1,4})?\z') then cast(split_part(w.quantity, '.', 1) as bigint)
             when regexp_matches(w.quantity, '\A-?[0-9]{1,3}(,[0-9]{3}){1,3}\z') then cast(replace(w.quantity, ',', '') as bigint)
             end as units
    from wire as w join files as f on w.raw_id = f.raw_id
),
worded as (
    select c.*, k.meaning as custodian, r.meaning as customs_regime, q.meaning as quality, p.meaning as purpose
    from cells as c
    left join stock_words as k on k.dimension = 'custodian' and lower(c.custodian_word) = k.word
    left join stock_words as r on r.dimension = 'customs_regime' and lower(c.regime_word) = r.word
    left join stock_words as q on q.dimension = 'quality' and lower(c.quality_word) = q.word
    left join stock_words as p on p.dimension = 'purpose' and lower(c.purpose_word) = p.word
),
keyed as (
    select *, digest(concat_ws('|', coalesce(cast(stock_on as varchar), ''), coalesce(sku_id, ''), coalesce(entity_id, ''),
                               coalesce(location, ''), coalesce(custodian, ''), coalesce(customs_regime, ''),
                               coalesce(account_book, ''), coalesce(item_text, ''), coalesce(lot, ''),
                               coalesce(cast(expiry_on as varchar), ''), coalesce(quality, ''), coalesce(purpose, ''))) as snapshot_key
    from worded
)
select
    raw_id, row_no, snapshot_key as row_key, snapshot_key, exported_at, stock_on, sku_id,
    entity_id, location, custodian, customs_regime, account_book, account_n, lot, expiry_on, quality, purpose, units, unit, stated_at,
    case
        when sku_id is null then 'bad_id:sku_id'
        when stock_on is null then 'bad_time:stock_day'
        when location is null then 'missing_value:location'
        when units is null then 'bad_number:quantity'
        when item_text is not null and account_n is null then 'bad_number:account_item'
        when expiry_text is not null and expiry_on is null then 'bad_time:expires_on'
        when stated_text is not null and stated_at is null then 'bad_time:stated_at'
        when custodian is null then 'unknown_code:custodian:' || custodian_word
        when customs_regime is null then 'unknown_code:customs_regime:' || regime_word
        when quality is null then 'unknown_code:quality:' || quality_word
        when purpose is null then 'unknown_code:purpose:' || purpose_word
        -- Bonded stock is the customs' until it leaves the account book: without the book nobody can say which it is.
        when customs_regime = 'bonded' and account_book is null then 'missing_value:account_book'
    end as reject
from keyed
