-- What a person must look at. Ids are kind and key, the same on every run. Rules: docs/reference/accounting.md 6 and 9.
with wallets_run as (
    select wallet_id, line_id, channel, shop, currency, amount_minor, balance_minor,
        lag(balance_minor) over (partition by wallet_id order by booked_at, statement_order, line_id) as previous_minor
    from wallet_lines
    where balance_minor is not null
),
settlement_ends as (
    select shop, max(booked_on) as last_on from settled where has_order group by shop
),
batch_sums as (
    select settlement_id, channel, sum_exact(amount_minor) as found_minor
    from settlement_lines where settlement_id is not null and kind <> 'transfer' group by settlement_id, channel
),
told_months as (
    select channel, coalesce(shop, channel) as shop, month from settlement_lines
    where kind in ('order_income', 'order_refund') group by channel, coalesce(shop, channel), month
),
untold as (
    -- Movements of months in which nothing tells of sales. Statements of movements alone book what no settlement has, under
    -- `fund`; what is left over waits for the settlement.
    select w.channel, coalesce(w.shop, w.channel) as shop, w.month, w.currency, w.amount_minor, w.line_id,
           w.channel || ':fund:' || substr(w.line_id, length(w.channel) + 2) as fund_line_id
    from wallet_lines as w
    left join told_months as t on w.channel = t.channel and coalesce(w.shop, w.channel) = t.shop and w.month = t.month
    where t.month is null
),
line_sums as (select order_key, sum_exact(goods_minor) as goods_minor from order_lines group by order_key),
told_by as (
    -- Files of one format number their lines alike, so that they meet; files of two formats need not.
    select l.order_key, f.format, sum_exact(l.goods_minor) as goods_minor
    from order_lines as l join raw_files as f on l.raw_id = f.raw_id
    group by l.order_key, f.format
),
told_twice as (
    select order_key, sum_exact(goods_minor) - max(goods_minor) as goods_minor, min(format) || ', ' || max(format) as formats
    from told_by group by order_key having count(*) > 1
),
net_by_piece as (
    select order_id as order_key, order_line_id, sku_id, sum_exact(-amount_minor) as net_minor
    from ledger_entries where account in ('revenue_goods', 'revenue_reduction') and order_line_id is not null
    group by order_id, order_line_id, sku_id
),
uncosted as (
    select c.channel, c.shop, coalesce(c.sku_id, '~none') as sku_id, c.currency, sum_exact(n.net_minor) as net_minor
    from order_pieces as c
    join net_by_piece as n
        on c.order_key = n.order_key and c.line_id = n.order_line_id and coalesce(c.sku_id, '') = coalesce(n.sku_id, '')
    where not c.has_cost
    group by c.channel, c.shop, coalesce(c.sku_id, '~none'), c.currency
),
missing_rates as (
    select currency, functional_currency, sum_exact(case when amount_minor > 0 then amount_minor else 0 end) as amount_minor
    from ledger_entries where fx_rate_id = 'missing' group by currency, functional_currency
),
old_rates as (
    -- Entries of closed periods stay as they are, whatever rate there is by now.
    select e.currency, e.functional_currency, e.period,
        max(date_diff('day', day_from_text(split_part(e.fx_rate_id, ':', 2)), e.accounting_date)) as age,
        sum_exact(case when e.amount_minor > 0 then e.amount_minor else 0 end) as amount_minor
    from ledger_entries as e
    where e.fx_rate_id is not null and e.fx_rate_id <> 'missing' and e.voucher_no is null
    group by e.currency, e.functional_currency, e.period
),
two_rates as (
    select l.currency, l.rate_on, l.rate_source, l.per_euro_e6, s.per_euro_e6 as shipped_e6
    from listed_per_euro as l join shipped_days as s on l.currency = s.currency and l.rate_on = s.rate_on and l.rate_on = s.on_day
),
map_newest as (
    select *, max(decided_at) over (partition by channel, shop, listing_kind, listing_id, valid_from) as newest_at
    from listing_map
),
map_conflicts as (
    select channel, shop, listing_kind, listing_id, valid_from from map_newest where decided_at = newest_at
    group by channel, shop, listing_kind, listing_id, valid_from having sum_exact(share_bp) <> 10000
),
bank_run as (
    select bank_line_id, bank_account, currency, amount_minor, balance_minor,
        lag(balance_minor) over (partition by bank_account, currency order by booked_on, statement_order, bank_line_id) as previous_minor
    from bank_lines
    where balance_minor is not null
),
bank_reach as (
    -- How far statements reach, by currency of what they are to receive: an account in yuan may be where dollars arrive.
    select currency, min(booked_on) as first_on, max(booked_on) as last_on
    from (select currency, booked_on from bank_lines
          union all
          select m.payout_currency as currency, b.booked_on from bank_matches as m
          join bank_lines as b on m.bank_account = b.bank_account where m.payout_currency <> m.currency) as r
    group by currency
),
banked_parts as (
    select payout_id, sum_exact(case when state = 'proposed' then 0 else payout_minor end) as found_minor, max(reason) as reason
    from bank_matches where payout_id is not null group by payout_id
),
known_lines as (
    select distinct item, bank_account, amount_minor, currency, min(channel) over (partition by item) as channel
    from bank_sides where side = 'line' and other is null and channel is not null
),
reserves as (
    select s.line_id, s.channel, s.shop, s.currency, s.booked_on, -s.amount_minor as held_minor,
        sum_exact(case when s.amount_minor < 0 then -s.amount_minor else 0 end)
            over (partition by s.channel, s.shop, s.currency order by s.booked_at, s.line_id) as until_minor,
        sum_exact(case when s.amount_minor > 0 then s.amount_minor else 0 end) over (partition by s.channel, s.shop, s.currency) as back_minor
    from settled as s where s.kind = 'reserve'
),
reserves_open as (
    -- What comes back is what was kept first.
    select r.*, least(r.held_minor, r.until_minor - r.back_minor) as open_minor, e.last_on
    from reserves as r
    join (select channel, shop, max(booked_on) as last_on from settled group by channel, shop) as e on r.channel = e.channel and r.shop = e.shop
    where r.held_minor > 0 and r.until_minor > r.back_minor
),
invoiced_orders as (
    select order_key, sum_exact(gross_minor) as invoiced_minor from invoice_matches
    where side = 'issued' and state = 'matched' group by order_key
),
fees_waiting as (
    select s.shop_channel, s.shop, s.currency, substr(cast(s.booked_on as varchar), 1, 7) as month, max(last_day(s.booked_on)) as ends_on,
        sum_exact(e.vat_minor) as vat_minor
    from fees as e join settled as s on e.line_id = s.line_id
    where e.vat_status = 'pending' group by s.shop_channel, s.shop, s.currency, substr(cast(s.booked_on as varchar), 1, 7)
),
-- Opening balances that name a wallet, platform or shop of which no file says anything: what is told of the account is then
-- booked beside the balance, whatever its cut-over.
opened as (
    select o.*, case when o.wallet_id is not null then 'unknown_wallet' when o.shop is not null then 'unknown_shop'
            else 'unknown_channel' end as doubt
    from journals as o
    where o.kind = 'opening' and o.refusal is null and coalesce(o.wallet_id, o.shop, o.shop_channel) is not null
),
-- A wallet that no file tells of is known all the same where somebody books on it by hand, and a shop where settings name it.
opened_places as (
    select entity_id, wallet_id, channel, shop from postings
    where entity_id in (select entity_id from opened) and posting_rule <> 'journal'
    union all
    select entity_id, wallet_id, shop_channel as channel, shop from journals where kind <> 'opening' and refusal is null
    union all
    select entity_id, null as wallet_id, channel, shop from shops where is_declared = 'yes'
),
openings_met as (
    select distinct o.journal_id, o.line_no
    from opened as o join (select distinct entity_id, wallet_id, channel, shop from opened_places) as p on o.entity_id = p.entity_id
    where (o.wallet_id is null or o.wallet_id = p.wallet_id) and (o.shop_channel is null or o.shop_channel = p.channel)
      and (o.shop is null or o.shop = p.shop)
),
-- Accounts of the company's own chart that are none of ours: their codes reach no report. An account of the ledger may be a
-- fee by the code that a settlement line has, which the shipped chart need not name.
booked_accounts as (select account from accounts union select account from ledger_entries),
chart_strays as (
    select c.account, c.own_code from chart_accounts as c left join booked_accounts as b on c.account = b.account
    where b.account is null
),
invoice_reach as (select min(issued_on) as first_on, max(issued_on) as last_on from invoice_book where side = 'received'),
found as (
    select 'quarantined_row' as kind, raw_id || ':' || cast(row_no as varchar) as key, channel, null as shop,
           null as amount_minor, null as currency, reason || coalesce(':' || field, '') as cause,
           coalesce(file_name, '') || ', row ' || cast(row_no as varchar) || coalesce(': ' || code_value, '') as where_found
    from quarantine
    union all
    -- A count of rows is no money, and has no amount.
    select 'control_total' as kind, raw_id || ':' || name as key, channel, null as shop,
           case when currency is not null then stated - found end as amount_minor, currency, name as cause, file_name as where_found
    from stated_totals where stated <> found
    union all
    select 'order_identity' as kind, channel || '/' || shop || '/' || order_id as key, channel, shop,
           identity_gap_minor as amount_minor, currency, null as cause, null as where_found
    from order_positions where identity_gap_minor <> 0
    union all
    select 'lines_differ' as kind, p.channel || '/' || p.shop || '/' || p.order_id as key, p.channel, p.shop,
           p.goods_minor - l.goods_minor as amount_minor, p.currency, null as cause, null as where_found
    from order_positions as p join line_sums as l on p.order_key = l.order_key
    where p.goods_minor <> l.goods_minor
    union all
    select 'lines_of_two_formats' as kind, p.channel || '/' || p.shop || '/' || p.order_id as key, p.channel, p.shop,
           t.goods_minor as amount_minor, p.currency, t.formats as cause, null as where_found
    from order_positions as p join told_twice as t on p.order_key = t.order_key
    union all
    select 'refund_exceeds_paid' as kind, channel || '/' || shop || '/' || order_id as key, channel, shop,
           refunded_minor - paid_minor - third_party_minor as amount_minor, currency, null as cause, null as where_found
    from order_positions where refunded_minor > paid_minor + third_party_minor and is_paid
    union all
    select 'settlement_difference' as kind, channel || '/' || shop || '/' || order_id as key, channel, shop,
           income_minor - expected_minor as amount_minor, currency, null as cause, null as where_found
    from order_positions where income_minor is not null and income_minor <> expected_minor
    union all
    select 'settlement_missing' as kind, p.channel || '/' || p.shop || '/' || p.order_id as key, p.channel, p.shop,
           p.expected_minor as amount_minor, p.currency, null as cause, null as where_found
    from order_positions as p join settlement_ends as e on p.shop = e.shop cross join policy_values as v
    where p.income_minor is null and p.expected_minor <> 0 and p.recognised_on is not null
      and date_diff('day', p.recognised_on, e.last_on) > v.settlement_days_max
    union all
    select 'settlement_without_order' as kind, s.channel || '/' || s.shop || '/' || s.order_id as key, s.channel, s.shop,
           sum_exact(s.amount_minor) as amount_minor, s.currency, min(s.kind) as cause, null as where_found
    from settled as s where s.order_key is not null and not s.has_order group by s.channel, s.shop, s.order_id, s.currency
    union all
    -- Money of a sale that names no order at all waits in suspense as well.
    select 'settlement_without_order' as kind, s.channel || '/' || s.shop || '/' || s.line_id as key, s.channel, s.shop,
           s.amount_minor, s.currency, s.kind as cause, null as where_found
    from settled as s where s.order_key is null and s.kind in ('order_income', 'order_refund') and s.amount_minor <> 0
    union all
    select 'settlement_adjustment' as kind, s.channel || '/' || s.shop || '/' || s.line_id as key, s.channel, s.shop,
           s.amount_minor, s.currency, s.platform_item as cause, null as where_found
    from settled as s where s.kind = 'adjustment' and (s.order_key is null or s.has_order) and s.amount_minor <> 0
    union all
    select 'tax_in_domestic_shop' as kind, p.channel || '/' || p.shop || '/' || p.currency as key, p.channel, p.shop,
           sum_exact(p.tax_minor) as amount_minor, p.currency, m.tax_kind as cause, null as where_found
    from order_positions as p join order_money as m on p.order_key = m.order_key
    where p.sale_model = 'domestic_pop' and m.tax_kind = 'customs_composite' and p.tax_minor <> 0
    group by p.channel, p.shop, p.currency, m.tax_kind
    union all
    select 'settlement_not_there' as kind, u.channel || '/' || u.shop || '/' || u.month || '/' || u.currency as key, u.channel, u.shop,
           sum_exact(u.amount_minor) as amount_minor, u.currency, null as cause, null as where_found
    from untold as u
    left join settlement_lines as s on s.line_id = u.line_id
    left join settlement_lines as f on f.line_id = u.fund_line_id
    where s.line_id is null and f.line_id is null
    group by u.channel, u.shop, u.month, u.currency
    union all
    select 'wallet_gap' as kind, wallet_id || '/' || line_id as key, channel, shop,
           balance_minor - previous_minor - amount_minor as amount_minor, currency, null as cause, null as where_found
    from wallets_run where previous_minor is not null and balance_minor <> previous_minor + amount_minor
    union all
    select 'settlement_total' as kind, b.channel || '/' || coalesce(b.shop, b.channel) || '/' || b.settlement_id as key, b.channel, b.shop,
           b.stated_total_minor - coalesce(s.found_minor, 0) as amount_minor, b.currency, null as cause, null as where_found
    from settlements as b left join batch_sums as s on b.settlement_id = s.settlement_id and b.channel = s.channel
    where b.stated_total_minor is not null and b.stated_total_minor <> coalesce(s.found_minor, 0)
    union all
    select 'journal_refused' as kind, j.journal_id as key, null as channel, null as shop,
           sum_exact(case when j.amount_minor > 0 then j.amount_minor else 0 end) as amount_minor, j.currency,
           min(j.refusal) as cause, null as where_found
    from journals as j where j.refusal is not null group by j.journal_id, j.currency
    union all
    select 'opening_unmatched' as kind, o.journal_id || '/' || cast(o.line_no as varchar) as key, o.shop_channel as channel, o.shop,
           o.amount_minor, o.currency, o.doubt as cause, o.journal_id || ', line ' || cast(o.line_no as varchar) as where_found
    from opened as o left join openings_met as m on o.journal_id = m.journal_id and o.line_no = m.line_no
    where m.journal_id is null
    union all
    select 'chart_unmatched' as kind, account as key, null as channel, null as shop, null as amount_minor, null as currency,
           'unknown_account' as cause, 'own code ' || own_code as where_found
    from chart_strays
    union all
    select 'bill_refused' as kind, b.vendor || '/' || b.bill_no as key, min(b.shop_channel) as channel,
           coalesce(min(b.unknown_shop), min(b.shop)) as shop,
           sum_exact(b.amount_minor) as amount_minor, b.currency, min(b.refusal) as cause, null as where_found
    from bills as b where b.refusal is not null group by b.vendor, b.bill_no, b.currency
    union all
    select 'listing_map_refused' as kind,
           shop || '/' || listing_kind || '/' || listing_id || '/' || cast(valid_from as varchar) as key, channel, shop,
           null as amount_minor, null as currency, 'told_twice' as cause, null as where_found
    from map_conflicts
    union all
    select 'fx_missing' as kind, currency || '/' || functional_currency as key, null as channel, null as shop,
           amount_minor, currency, null as cause, null as where_found
    from missing_rates
    union all
    select 'fx_stale' as kind, o.currency || '/' || o.functional_currency || '/' || o.period as key, null as channel, null as shop,
           o.amount_minor, o.currency, cast(o.age as varchar) || ' days' as cause, null as where_found
    from old_rates as o cross join policy_values as v where o.age > v.fx_stale_days
    union all
    select 'fx_sources_differ' as kind, t.rate_source || '/' || t.currency || '/' || cast(t.rate_on as varchar) as key,
           null as channel, null as shop, null as amount_minor, t.currency, null as cause, null as where_found
    from two_rates as t cross join policy_values as v
    where product_exact(abs(t.per_euro_e6 - t.shipped_e6), 10000) > product_exact(t.shipped_e6, v.fx_difference_bp)
    union all
    select 'sku_without_cost' as kind, shop || '/' || sku_id as key, channel, shop, net_minor as amount_minor, currency,
           null as cause, null as where_found
    from uncosted where net_minor <> 0
    union all
    select 'over_invoiced_refunds' as kind, p.channel || '/' || p.shop || '/' || p.order_id as key, p.channel, p.shop,
           i.invoiced_minor - greatest(p.paid_minor + p.third_party_minor - p.refunded_minor, 0) as amount_minor, p.currency, null as cause,
           null as where_found
    from invoiced_orders as i join order_positions as p on i.order_key = p.order_key
    where p.refunded_minor > 0 and i.invoiced_minor > greatest(p.paid_minor + p.third_party_minor - p.refunded_minor, 0)
    union all
    select 'fees_without_invoice' as kind, w.shop_channel || '/' || w.shop || '/' || w.month as key, w.shop_channel as channel, w.shop,
           w.vat_minor as amount_minor, w.currency, null as cause, null as where_found
    from fees_waiting as w cross join invoice_reach as r cross join policy_values as v
    where w.vat_minor <> 0 and w.ends_on >= r.first_on and date_diff('day', w.ends_on, r.last_on) > v.invoice_days_max
    union all
    select 'bank_gap' as kind, bank_line_id as key, null as channel, null as shop,
           balance_minor - previous_minor - amount_minor as amount_minor, currency, null as cause, null as where_found
    from bank_run where previous_minor is not null and balance_minor <> previous_minor + amount_minor
    union all
    select 'payout_not_in_bank' as kind, p.payout_id as key, p.shop_channel as channel, p.shop,
           p.amount_minor - coalesce(f.found_minor, 0) as amount_minor, p.currency, f.reason as cause, null as where_found
    from payouts as p
    join bank_reach as r on p.currency = r.currency
    cross join policy_values as v
    left join banked_parts as f on p.payout_id = f.payout_id
    where p.kind <> 'top_up' and p.amount_minor <> coalesce(f.found_minor, 0) and p.paid_on >= r.first_on
      and date_diff('day', p.paid_on, r.last_on) > v.bank_days_max
    union all
    select 'bank_line_unexplained' as kind, k.item as key, k.channel, null as shop, k.amount_minor, k.currency,
           m.reason as cause, null as where_found
    from known_lines as k
    left join (select bank_line_id, min(case when state = 'proposed' then 1 else 0 end) as is_open, max(reason) as reason
               from bank_matches where bank_line_id is not null group by bank_line_id) as m on k.item = m.bank_line_id
    where coalesce(m.is_open, 1) = 1
    union all
    select 'bank_decision_refused' as kind, bank_line_id || '/' || payout_id as key, null as channel, null as shop, null as amount_minor,
           null as currency, refusal as cause, null as where_found
    from bank_pairs where refusal is not null
    union all
    select 'reserve_not_returned' as kind, o.channel || '/' || o.shop || '/' || o.line_id as key, o.channel, o.shop, o.open_minor as amount_minor,
           o.currency, null as cause, null as where_found
    from reserves_open as o cross join policy_values as v where date_diff('day', o.booked_on, o.last_on) > v.reserve_days_max
)
select
    cast(kind || ':' || key as varchar) as exception_id,
    cast(kind as varchar) as kind,
    cast(key as varchar) as key,
    cast(channel as varchar) as channel,
    cast(shop as varchar) as shop,
    cast(amount_minor as bigint) as amount_minor,
    cast(currency as varchar) as currency,
    cast(cause as varchar) as cause,
    cast(where_found as varchar) as where_found
from found
