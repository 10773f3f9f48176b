-- Parts of the figures of reports/sql/ageing.sql: orders; for money in wallets and on its way the postings of the day on
-- which it came in, and what of it has gone since.
with found as (
    select channel, shop, currency, stage, days, 'amount_minor' as figure, 'order/' || order_id as part, amount_minor as amount
    from aged where order_id is not null
    union all
    select channel, shop, currency, stage, days, 'items' as figure, coalesce('order/' || order_id, cast(on_day as varchar)) as part, 1 as amount from aged
    union all
    select a.channel, a.shop, a.currency, a.stage, a.days, 'amount_minor' as figure,
        'entry/' || k.entry_id || '/line-' || cast(k.line_no as varchar) as part, k.amount_minor as amount
    from aged as a join kept as k
        on a.stage = k.stage and a.currency = k.currency and a.wallet_id = k.wallet_id and a.on_day = k.accounting_date
        and a.channel is not distinct from k.channel and a.shop is not distinct from k.shop
    where a.order_id is null and (k.account <> 'platform_receivable' or k.order_id is null)
    union all
    select channel, shop, currency, stage, days, 'amount_minor' as figure, 'gone_since' as part, amount_minor - moved_minor as amount
    from aged where order_id is null and amount_minor < moved_minor
    union all
    -- Less than nothing stands at the last movement with all that was there before it.
    select channel, shop, currency, stage, days, 'amount_minor' as figure, 'there_before' as part, amount_minor - moved_minor as amount
    from aged where order_id is null and amount_minor > moved_minor
)
select
    cast(channel as varchar) as channel,
    cast(shop as varchar) as shop,
    cast(currency as varchar) as currency,
    cast(stage as varchar) as stage,
    cast(days as varchar) as days,
    cast(figure as varchar) as figure,
    cast('part' as varchar) as role,
    cast(part as varchar) as part,
    cast(amount as bigint) as amount
from found
