-- Tax on top of prices. Where the settlement withholds it again, the marketplace is the one who owes and remits it; where
-- it pays it out, the merchant is.
with settled as (
    select * from amazon_settlement union all select * from amazon_settlement_v1
),
lines as (
    select raw_id, order_key, settlement_id, item, currency, exported_at, opened_at,
        sum_exact(case when part = 'tax' then amount_minor else 0 end) as amount_minor,
        min(booked_at) as booked_at, min(row_no) as row_no
    from settled where part is not null and order_key is not null
    group by raw_id, order_key, settlement_id, item, currency, exported_at, opened_at
),
withheld as (
    select distinct raw_id, order_key from settled where kind = 'tax_withheld' and role = 'order'
)
select
    cast(l.order_key as varchar) as order_key,
    cast('amazon' as varchar) as channel,
    cast(coalesce(month_in_utc(l.opened_at), 'all') as varchar) as month,
    cast(l.item || ':' || l.settlement_id as varchar) as line_id,
    cast('tax_added' as varchar) as kind,
    cast(l.currency as varchar) as currency,
    cast(l.amount_minor as bigint) as amount_minor,
    cast(case when w.order_key is not null then 'marketplace' else 'merchant' end as varchar) as liable_party,
    cast('marketplace' as varchar) as collected_by,
    cast(case when w.order_key is not null then 'marketplace' else 'merchant' end as varchar) as remitted_by,
    cast('buyer' as varchar) as borne_by,
    cast(true as boolean) as is_unnumbered,
    cast(l.raw_id as varchar) as raw_id,
    cast(l.row_no as bigint) as row_no,
    cast(row_version(null, l.booked_at, l.exported_at, 0, l.raw_id, l.row_no) as varchar) as version
from lines as l left join withheld as w on l.raw_id = w.raw_id and l.order_key = w.order_key
