-- Parts of the figures of reports/sql/platform_figures.sql: orders and refunds behind ours and behind each thing that one
-- side may count and the other not; the row of the file behind theirs.
with local_parts as (
    select s.platform, s.shop, s.stated_for, s.measure, s.currency, e.part, n.no,
        case n.no when 10 then e.amount_minor when 21 then e.unpaid_minor when 22 then e.closed_minor when 23 then e.points_minor
            when 24 then e.shipping_minor when 25 then e.third_party_minor when 26 then e.refunds_minor else -e.amount_minor end as amount
    from stated_figures as s
    join dated as e on s.platform = e.channel and s.shop = e.shop and s.measure = e.measure and s.currency = e.currency
        and (s.stated_for = e.local_day or s.stated_for = substr(e.local_day, 1, 7))
    cross join (values (10), (21), (22), (23), (24), (25), (26), (27)) as n(no)
),
utc_parts as (
    select s.platform, s.shop, s.stated_for, s.measure, s.currency, e.part, 27 as no, e.amount_minor as amount
    from stated_figures as s
    join dated as e on s.platform = e.channel and s.shop = e.shop and s.measure = e.measure and s.currency = e.currency
        and (s.stated_for = e.utc_day or s.stated_for = substr(e.utc_day, 1, 7))
),
found as (
    select * from local_parts
    union all
    select * from utc_parts
    union all
    select platform, shop, stated_for, measure, currency, 'row/raw_rows/' || raw_id || '/' || cast(row_no as varchar) as part, 40 as no, amount_minor as amount
    from stated_figures
    union all
    -- What is left unexplained is theirs less ours.
    select platform, shop, stated_for, measure, currency, '=amount_minor=line_no=40' as part, 39 as no, theirs_minor as amount from judged where size is null
    union all
    select platform, shop, stated_for, measure, currency, '=amount_minor=line_no=10' as part, 39 as no, -ours_minor as amount from judged where size is null
),
added as (
    select platform, shop, stated_for, measure, no, currency, part, sum_exact(amount) as part_minor
    from found group by platform, shop, stated_for, measure, no, currency, part
)
select
    cast(platform as varchar) as channel,
    cast(shop as varchar) as shop,
    cast(stated_for as varchar) as stated_for,
    cast(measure as varchar) as measure,
    cast(no as bigint) as line_no,
    cast(currency as varchar) as currency,
    cast('amount_minor' as varchar) as figure,
    cast('part' as varchar) as role,
    cast(part as varchar) as part,
    cast(part_minor as bigint) as amount
from added where part_minor <> 0
