-- What a page embeds of the P&L's explanation: for each month, channel, shop, line, account and rule its sum, and the three
-- orders (or other causes) that brought most of it. `postings` are those of the whole report.
with by_cause as (
    select month, channel, shop, line, account, posting_rule, cause_kind, cause, sum_exact(amount_minor) as amount_minor
    from postings
    group by month, channel, shop, line, account, posting_rule, cause_kind, cause
),
placed as (
    select *,
        row_number() over (partition by month, channel, shop, line, account, posting_rule
                           order by abs(amount_minor) desc nulls last, cause_kind, cause) as place,
        count(*) over (partition by month, channel, shop, line, account, posting_rule) as causes,
        sum_exact(amount_minor) over (partition by month, channel, shop, line, account, posting_rule) as group_minor
    from by_cause
)
select
    cast(month as varchar) as month,
    cast(channel as varchar) as channel,
    cast(shop as varchar) as shop,
    cast(line as varchar) as line,
    cast(account as varchar) as account,
    cast(posting_rule as varchar) as posting_rule,
    cast(cause_kind as varchar) as cause_kind,
    cast(cause as varchar) as cause,
    cast(place as bigint) as place,
    cast(causes as bigint) as causes,
    cast(group_minor as bigint) as group_minor,
    cast(amount_minor as bigint) as amount_minor
from placed where place <= 3
