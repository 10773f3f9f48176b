-- Declared advertising: one row per day, shop and campaign; amounts positive.
with cells as (
    select w.raw_id, w.row_no, f.exported_at, {channel} as spend_channel, {shop} as shop, {campaign} as campaign,
        coalesce({CURRENCY}, {currency}) as currency, {amount} as amount_text, {date} as date_text,
        case when regexp_matches({date}, '\A[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}( 00:00:00)?\z')
             then try_cast(replace(substr({date}, 1, 10), '/', '-') as date)
             when regexp_matches({date}, '\A[0-9]{8}\z')
             then try_cast(substr({date}, 1, 4) || '-' || substr({date}, 5, 2) || '-' || substr({date}, 7, 2) as date) end as spent_on
    from wire as w join files as f on w.raw_id = f.raw_id
),
typed as (
    select z.*, c.digits, minor_from_decimal(z.amount_text, cast(c.digits as bigint)) as amount_minor
    from cells as z left join {FORMAT}_currencies as c on z.currency = c.currency
)
select raw_id, row_no, digest(concat_ws('|', coalesce(spend_channel, ''), coalesce(shop, ''), coalesce(campaign, ''), coalesce(cast(spent_on as varchar), date_text, ''))) as row_key,
    spend_channel, shop, campaign, currency, spent_on, amount_minor, exported_at, cast(spent_on as timestamptz) as spent_at,
    case
        when spent_on is null then 'bad_time:date'
        when not regexp_matches(coalesce(spend_channel, ''), '\A[a-z][a-z0-9_]*\z') then 'bad_id:channel'
        when shop is null then 'bad_id:shop'
        when digits is not null and amount_minor is null then 'bad_money:amount'
        when digits is null then 'unknown_code:currency:' || coalesce(currency, '')
    end as reject
from typed
