-- Lines as in order_lines.transactions.sql. Where the marketplace keeps the tax again, it owes and remits it.
with lines as (
    select raw_id, order_key, settlement_id, item, currency, exported_at, sum_exact(tax_amount) as amount_minor,
        max(case when kept_tax_amount <> 0 then 1 else 0 end) as is_kept, min(booked_at) as booked_at, min(row_no) as row_no
    from amazon_transactions where role = 'order' and is_released and order_key is not null
    group by raw_id, order_key, settlement_id, item, currency, exported_at
)
select
    cast(order_key as varchar) as order_key,
    cast('amazon' as varchar) as channel,
    cast('all' as varchar) as month,
    cast(item || ':' || settlement_id as varchar) as line_id,
    cast('tax_added' as varchar) as kind,
    cast(currency as varchar) as currency,
    cast(amount_minor as bigint) as amount_minor,
    cast(case when is_kept = 1 then 'marketplace' else 'merchant' end as varchar) as liable_party,
    cast('marketplace' as varchar) as collected_by,
    cast(case when is_kept = 1 then 'marketplace' else 'merchant' end as varchar) as remitted_by,
    cast('buyer' as varchar) as borne_by,
    cast(true as boolean) as is_unnumbered,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, booked_at, exported_at, 0, raw_id, row_no) as varchar) as version
from lines
