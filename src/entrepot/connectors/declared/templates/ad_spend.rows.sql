-- Declared advertising: one row per day, shop and campaign; amounts positive, for what is below nothing
-- would take cost out of the books: money given back is a line of the settlement.
with cells as (
    select w.raw_id, w.row_no, f.exported_at, {channel} as spend_channel, {shop} as shop, {campaign} as campaign,
        coalesce({CURRENCY}, {currency}) as currency, {amount} as amount_text, {date} as date_text,
        day_from_text({date}) as spent_on
    from wire as w join files as f on w.raw_id = f.raw_id
),
typed as (
    select z.*, c.digits, minor_from_decimal(ungrouped(z.amount_text, cast(c.digits as bigint)), cast(c.digits as bigint)) as amount_minor
    from cells as z left join {FORMAT}_currencies as c on z.currency = c.currency
)
select raw_id, row_no, digest(concat_ws('|', coalesce(spend_channel, ''), coalesce(shop, ''), coalesce(campaign, ''), coalesce(cast(spent_on as varchar), date_text, ''))) as row_key,
    spend_channel, shop, campaign, currency, spent_on, amount_minor, exported_at, cast(spent_on as timestamptz) as spent_at,
    case
        when spent_on is null then 'bad_time:date'
        when not regexp_matches(coalesce(spend_channel, ''), '\A[a-z][a-z0-9_]*\z') then 'bad_id:channel'
        when shop is null then 'bad_id:shop'
        when digits is not null and amount_minor is null then 'bad_money:amount'
        when amount_minor < 0 then 'negative_amount:amount'
        when digits is null then 'unknown_code:currency:' || coalesce(currency, '')
    end as reject
from typed
