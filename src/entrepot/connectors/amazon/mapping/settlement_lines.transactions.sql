-- A row of an order or refund is one line per sort of amount; any other row is one line of its total.
with released as (
    select * from amazon_transactions where is_released
),
pieces as (
    select line_id || ':sales' as piece_id, 'goods' as order_part, role as sort, 'product sales' as piece, cast(null as varchar) as piece_fee,
        sales_amount as amount_minor, raw_id, row_no from released where role <> 'other'
    union all
    select line_id || ':freight', 'shipping', role, 'shipping credits', null, freight_amount, raw_id, row_no from released where role <> 'other'
    union all
    select line_id || ':tax', 'tax', role, 'product sales tax', null, tax_amount, raw_id, row_no from released where role <> 'other'
    union all
    select line_id || ':rebates', 'goods', role, 'promotional rebates', null, rebates_amount, raw_id, row_no from released where role <> 'other'
    union all
    select line_id || ':withheld', null, 'tax_withheld', 'marketplace withheld tax', null, kept_tax_amount, raw_id, row_no from released where role <> 'other'
    union all
    select line_id || ':selling', null, 'fee', 'selling fees', 'commission', selling_amount, raw_id, row_no from released where role <> 'other'
    union all
    select line_id || ':fba', null, 'fee', 'fba fees', 'logistics_fee', fba_amount, raw_id, row_no from released where role <> 'other'
    union all
    select line_id || ':transaction', null, 'fee', 'other transaction fees', 'other_fee', transaction_amount, raw_id, row_no from released where role <> 'other'
    union all
    select line_id || ':points', null, 'fee', 'Amazonポイントの費用', 'points_cost', points_amount, raw_id, row_no from released where role <> 'other'
    union all
    select line_id || ':other', null, kind, 'other', fee_code, rest_amount, raw_id, row_no from released where role <> 'other'
    union all
    select line_id || ':total', null, kind, platform_type, fee_code, total_amount, raw_id, row_no from released where role = 'other'
)
select
    cast('amazon:' || p.piece_id as varchar) as line_id,
    cast('amazon' as varchar) as channel,
    cast(month_in_utc(r.booked_at) as varchar) as month,
    cast(r.shop as varchar) as shop,
    cast('amazon:' || coalesce(r.shop, 'unknown') as varchar) as wallet_id,
    cast(r.settlement_id as varchar) as settlement_id,
    cast(r.order_key as varchar) as order_key,
    cast(r.order_id as varchar) as order_id,
    cast(r.sku_id as varchar) as sku_id,
    cast(p.order_part as varchar) as order_part,
    cast(case p.sort when 'order' then 'order_income' when 'refund' then 'order_refund' else p.sort end as varchar) as kind,
    cast(case when p.sort = 'fee' then p.piece_fee end as varchar) as fee_code,
    cast(r.platform_type || '/' || p.piece as varchar) as platform_item,
    cast(0 as bigint) as vat_rate_bp,
    cast(r.currency as varchar) as currency,
    cast(p.amount_minor as bigint) as amount_minor,
    cast(r.booked_at as timestamptz) as booked_at,
    cast(r.raw_id as varchar) as raw_id,
    cast(r.row_no as bigint) as row_no,
    cast(row_version(null, r.booked_at, r.exported_at, 0, r.raw_id, r.row_no) as varchar) as version
from pieces as p join released as r on p.raw_id = r.raw_id and p.row_no = r.row_no
where p.amount_minor <> 0
