-- From what a platform tells the tax authority about a shop in a quarter to the revenue and VAT of the ledger, and from
-- there to invoices: docs/reference/reports/tax_bridge.md. Differences are added, from the first line to the last.
with orders_valued as (
    select p.order_key, p.entity_id, p.channel, p.shop, p.currency,
        p.paid_minor + p.third_party_minor as value_minor, p.third_party_minor, p.refunded_before_minor, p.tax_kept_minor,
        p.expected_minor, p.income_minor, p.identity_gap_minor,
        p.state in ('cancelled_unpaid', 'closed_refunded', 'group_failed', 'lottery_lost') as is_closed,
        p.state in ('part_shipped', 'shipped', 'delivered', 'completed') as is_shipped,
        cast(year(p.recognised_on) as varchar) || '-Q' || cast((month(p.recognised_on) + 2) // 3 as varchar) as recognised_in
    from order_positions as p where p.is_paid
),
tax_pieces as (select order_key, sum_exact(gross_minor) as tax_minor from order_pieces where kind = 'tax' group by order_key),
entries as (
    select e.*, cast(year(e.accounting_date) as varchar) || '-Q' || cast((month(e.accounting_date) + 2) // 3 as varchar) as quarter,
        e.posting_rule in ('recognised', 'refunded') and e.cause_kind in ('order', 'refund') as is_sale,
        e.account = 'output_vat' and coalesce(e.tax_code, '') not in ('tax_added', 'customs_composite') as is_vat
    from ledger_entries as e where e.book = 'local'
),
counted as (
    -- A payment counts with everything that is paid for the order, by the buyer and by others.
    select 'paid' as basis, o.order_key, e.quarter, max(o.value_minor) as amount_minor
    from entries as e join orders_valued as o on e.order_id = o.order_key
    where e.posting_rule = 'paid' and e.account = 'contract_liability_unshipped'
    group by o.order_key, e.quarter
    union all
    select 'settled' as basis, e.order_id as order_key, e.quarter, sum_exact(-e.amount_minor) as amount_minor
    from entries as e join settlement_lines as s on e.cause_id = s.line_id
    where e.posting_rule = 'settled' and s.kind = 'order_income' and e.account = 'platform_receivable'
    group by e.order_id, e.quarter
),
bases as (select 'paid' as basis union all select 'settled' as basis),
counted_sums as (select basis, order_key, sum_exact(amount_minor) as amount_minor from counted group by basis, order_key),
given_back as (
    select r.order_key, p.entity_id, r.channel, r.shop, r.currency, r.amount_minor,
        coalesce(case when r.refunded_at < z.split_at then z.day_before when r.refunded_at is not null then z.day_after end, r.accounting_date) as day
    from refunds as r
    join order_positions as p on r.order_key = p.order_key
    join shops as h on p.shop = h.shop and p.channel = h.channel
    left join zone_days as z on h.business_zone = z.zone and cast(r.refunded_at as date) = z.utc_day
),
moves as (
    select 'order/' || o.order_key as part, c.basis, o.entity_id, o.channel, o.shop, c.quarter, o.currency, 10 as no, c.amount_minor
    from counted as c join orders_valued as o on c.order_key = o.order_key
    union all
    select 'entry/' || e.entry_id || '/line-' || cast(e.line_no as varchar) as part, 'settled' as basis, e.entity_id, e.channel, e.shop, e.quarter, e.currency, n.no,
        case when n.no = 10 then -e.amount_minor else e.amount_minor end as amount_minor
    from entries as e join settlement_lines as s on e.cause_id = s.line_id
    cross join (values (10), (15)) as n(no)
    where e.posting_rule = 'settled' and s.kind = 'order_income' and e.account = 'suspense'
    union all
    select 'order/' || o.order_key as part, c.basis, o.entity_id, o.channel, o.shop, c.quarter, o.currency,
        case when o.is_closed then 20 when o.recognised_in is not null then 23 when o.is_shipped then 22 else 21 end as no,
        -c.amount_minor as amount_minor
    from counted as c join orders_valued as o on c.order_key = o.order_key
    where o.recognised_in is null or o.recognised_in <> c.quarter
    union all
    select 'order/' || o.order_key as part, c.basis, o.entity_id, o.channel, o.shop, o.recognised_in as quarter, o.currency, 24 as no, c.amount_minor
    from counted as c join orders_valued as o on c.order_key = o.order_key
    where o.recognised_in <> c.quarter
    union all
    select 'order/' || o.order_key as part, b.basis, o.entity_id, o.channel, o.shop, o.recognised_in as quarter, o.currency, 25 as no, o.value_minor as amount_minor
    from orders_valued as o cross join bases as b
    left join counted_sums as c on b.basis = c.basis and o.order_key = c.order_key
    where o.recognised_in is not null and c.order_key is null
    union all
    select 'order/' || o.order_key as part, c.basis, o.entity_id, o.channel, o.shop, o.recognised_in as quarter, o.currency, n.no,
        case n.no when 26 then o.refunded_before_minor when 27 then o.tax_kept_minor else o.expected_minor - o.income_minor end as amount_minor
    from counted_sums as c join orders_valued as o on c.order_key = o.order_key
    cross join (values (26), (27), (28)) as n(no)
    where c.basis = 'settled' and o.recognised_in is not null
    union all
    select 'order/' || o.order_key as part, b.basis, o.entity_id, o.channel, o.shop, o.recognised_in as quarter, o.currency, n.no,
        case n.no when 30 then o.identity_gap_minor when 31 then -coalesce(t.tax_minor, 0) else o.third_party_minor end as amount_minor
    from orders_valued as o left join tax_pieces as t on o.order_key = t.order_key
    cross join bases as b cross join (values (30), (31), (92)) as n(no)
    where o.recognised_in is not null
    union all
    select 'entry/' || e.entry_id || '/line-' || cast(e.line_no as varchar) as part, b.basis, e.entity_id, e.channel, e.shop, e.quarter, e.currency,
        case when not e.is_sale then 53 when e.posting_rule = 'recognised' then 40 else 51 end as no, -e.amount_minor as amount_minor
    from entries as e cross join bases as b
    where e.account in ('revenue_goods', 'revenue_shipping', 'revenue_reduction') or (e.is_sale and e.is_vat)
    union all
    select 'entry/' || e.entry_id || '/line-' || cast(e.line_no as varchar) as part, b.basis, e.entity_id, e.channel, e.shop, e.quarter, e.currency, n.no,
        case when n.no = 52 then e.amount_minor else -e.amount_minor end as amount_minor
    from entries as e cross join bases as b cross join (values (52), (91)) as n(no)
    where e.account = 'output_vat' and (n.no = 91 or (e.is_sale and e.is_vat))
    union all
    select 'entry/' || e.entry_id || '/line-' || cast(e.line_no as varchar) as part, b.basis, e.entity_id, e.channel, e.shop, e.quarter, e.currency, n.no, -e.amount_minor as amount_minor
    from entries as e cross join bases as b cross join (values (60), (93)) as n(no)
    where (n.no = 60 and e.account in ('revenue_goods', 'revenue_shipping', 'revenue_reduction')) or (n.no = 93 and e.account = 'revenue_shipping')
    union all
    -- What the platform counts as given back: by the day the money moved, else by the day of the books.
    select 'order/' || r.order_key as part, b.basis, r.entity_id, r.channel, r.shop,
        cast(year(r.day) as varchar) || '-Q' || cast((month(r.day) + 2) // 3 as varchar) as quarter,
        r.currency, 90 as no, -r.amount_minor as amount_minor
    from given_back as r cross join bases as b where r.day is not null
),
summed as (
    select basis, entity_id, channel, shop, quarter, currency, no, sum_exact(amount_minor) as amount_minor
    from moves group by basis, entity_id, channel, shop, quarter, currency, no
),
rests as (
    -- The chain must arrive at what the ledger recognised; what it misses by is said.
    select basis, entity_id, channel, shop, quarter, currency, 39 as no,
        sum_exact(case when no = 40 then amount_minor when no < 39 then -amount_minor else 0 end) as amount_minor
    from summed group by basis, entity_id, channel, shop, quarter, currency
),
issued as (
    select h.entity_id, cast(year(day_in_beijing(i.issued_at)) as varchar) || '-Q' || cast((month(day_in_beijing(i.issued_at)) + 2) // 3 as varchar) as quarter,
        i.currency, sum_exact(i.gross_minor) as gross_minor, sum_exact(i.tax_minor) as vat_minor
    from invoices as i
    join legal_entities as h on contains(' ' || h.tax_registrations || ' ', ' ' || i.seller_tax_no || ' ')
    where i.state <> 'voided' and i.issued_at is not null
    group by h.entity_id, cast(year(day_in_beijing(i.issued_at)) as varchar) || '-Q' || cast((month(day_in_beijing(i.issued_at)) + 2) // 3 as varchar), i.currency
),
booked as (
    select entity_id, quarter, currency,
        sum_exact(case when no in (40, 51) then amount_minor else 0 end) as sales_minor,
        sum_exact(case when no = 92 then amount_minor else 0 end) as third_party_minor,
        sum_exact(case when no = 91 then amount_minor else 0 end) as vat_minor
    from summed where basis = 'paid' group by entity_id, quarter, currency
),
beside as (
    select coalesce(b.entity_id, i.entity_id) as entity_id, coalesce(b.quarter, i.quarter) as quarter, coalesce(b.currency, i.currency) as currency,
        coalesce(b.sales_minor, 0) as sales_minor, coalesce(b.third_party_minor, 0) as third_party_minor, coalesce(b.vat_minor, 0) as output_vat_minor,
        coalesce(i.gross_minor, 0) as gross_minor, coalesce(i.vat_minor, 0) as invoiced_vat_minor
    from booked as b full join issued as i on b.entity_id = i.entity_id and b.quarter = i.quarter and b.currency = i.currency
    join legal_entities as h on coalesce(b.entity_id, i.entity_id) = h.entity_id
    where h.tax_registrations is not null
),
invoiced as (
    select 'invoices' as basis, b.entity_id, null as channel, null as shop, b.quarter, b.currency, n.no,
        case n.no when 70 then b.sales_minor when 71 then -b.third_party_minor
            when 72 then b.gross_minor - b.sales_minor + b.third_party_minor when 80 then b.gross_minor
            when 91 then b.output_vat_minor else b.invoiced_vat_minor end as amount_minor
    from beside as b cross join (values (70), (71), (72), (80), (91), (94)) as n(no)
),
every as (
    select basis, entity_id, channel, shop, quarter, currency, no, amount_minor from summed
    union all
    select basis, entity_id, channel, shop, quarter, currency, no, amount_minor from rests
    union all
    select basis, entity_id, channel, shop, quarter, currency, no, amount_minor from invoiced
)
select
    cast(e.basis as varchar) as basis,
    cast(e.entity_id as varchar) as entity_id,
    cast(e.channel as varchar) as channel,
    cast(e.shop as varchar) as shop,
    cast(e.quarter as varchar) as quarter,
    cast(e.no as bigint) as line_no,
    cast(s.step as varchar) as step,
    cast(s.role as varchar) as role,
    cast(e.amount_minor as bigint) as amount_minor,
    cast(e.currency as varchar) as currency
from every as e
join (values
    (10, 'counted_by_platform', 'start'), (15, 'order_unknown', 'difference'), (20, 'closed', 'difference'), (21, 'not_shipped', 'difference'),
    (22, 'shipped_not_confirmed', 'difference'), (23, 'recognised_in_other_quarter', 'difference'),
    (24, 'counted_in_other_quarter', 'difference'), (25, 'never_counted', 'difference'), (26, 'refunded_before_settlement', 'difference'),
    (27, 'tax_kept_by_platform', 'difference'), (28, 'settlement_difference', 'difference'), (30, 'order_does_not_add_up', 'difference'),
    (31, 'tax_on_top', 'difference'), (39, 'unexplained', 'difference'), (40, 'sales_with_vat', 'subtotal'), (51, 'refunds', 'difference'),
    (52, 'vat_inside', 'difference'), (53, 'other_postings', 'difference'), (60, 'revenue', 'subtotal'),
    (70, 'sales_less_refunds', 'start'), (71, 'paid_by_third_parties', 'difference'), (72, 'not_invoiced', 'difference'), (80, 'invoiced', 'subtotal'),
    (90, 'refunds_as_money_moved', 'memo'), (91, 'output_vat', 'memo'), (92, 'paid_by_third_parties', 'memo'),
    (93, 'shipping_revenue', 'memo'), (94, 'invoiced_vat', 'memo')
) as s(no, step, role) on e.no = s.no
where e.amount_minor <> 0 or e.no in (10, 40, 60, 70, 80)
