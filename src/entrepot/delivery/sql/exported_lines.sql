-- Journal lines of a period: ledger entries grouped into journals and mapped to the ERP's accounts. One journal has one
-- company, one book, one currency and one date. `asked.per` says what it holds:
--   day         everything of a day, channel and shop
--   order       everything of an order and day; what names no order as for day
--   settlement  the settlement lines of a payout batch, dated on its last day of the period, or of a wallet and day; the
--               rest as for day
-- The days in `order_days` go by order whatever it says.
-- Debits and credits of an account stay apart, so that the file's debits and credits are the trial balance's. So does what
-- is nothing in the journal's currency, such as an exchange difference: added to another line it could make one that is a
-- debit in the one currency and a credit in the other. `is_difference` marks entries that are nothing in it as a whole.
with lines as (
    select e.*, a.per
    from journal_entries as e
    cross join asked as a
    where e.payment_per is null
),
-- An entry stays whole, since only whole entries balance: where its lines differ in what a journal is made by, the
-- entry goes by one of them.
entries as (
    select e.entity_id, e.book, e.account, e.currency, e.functional_currency, e.period, e.sku_id, e.tax_code, e.cause_kind,
           e.amount_minor, e.functional_minor, e.per, coalesce(e.channel, '') as channel, coalesce(e.shop, '') as shop,
           max(e.accounting_date) over (partition by e.entry_id, e.entity_id, e.book, e.currency) as accounting_date,
           max(e.order_id) over (partition by e.entry_id, e.entity_id, e.book, e.currency) as order_id,
           max(e.wallet_id) over (partition by e.entry_id, e.entity_id, e.book, e.currency) as wallet_id,
           max(coalesce(e.channel, '')) over (partition by e.entry_id, e.entity_id, e.book, e.currency) as entry_channel,
           max(coalesce(e.shop, '')) over (partition by e.entry_id, e.entity_id, e.book, e.currency) as entry_shop,
           max(abs(e.amount_minor)) over (partition by e.entry_id, e.entity_id, e.book, e.currency) = 0
               and max(abs(e.functional_minor)) over (partition by e.entry_id, e.entity_id, e.book, e.currency) > 0 as is_difference,
           s.settlement_id, s.channel as statement_channel
    from lines as e
    left join settlement_lines as s on e.cause_kind = 'settlement_line' and e.cause_id = s.line_id
),
-- A day that goes order by order does so for all of its entries.
placed_days as (
    select e.entity_id, e.book, e.account, e.currency, e.functional_currency, e.period, e.sku_id, e.tax_code, e.cause_kind,
           e.amount_minor, e.functional_minor, e.channel, e.shop, e.accounting_date, e.order_id, e.wallet_id,
           e.entry_channel, e.entry_shop, e.is_difference, e.settlement_id, e.statement_channel,
           case when d.day is not null then 'order' else e.per end as per
    from entries as e
    left join order_days as d on e.accounting_date = d.day
),
grouped as (
    select entity_id, book, account, currency, functional_currency, period, sku_id, tax_code, cause_kind, amount_minor,
        functional_minor, channel, shop, accounting_date, order_id, wallet_id, entry_channel, entry_shop, settlement_id,
        is_difference,
        case when per = 'order' and order_id is not null then 'order'
             when per = 'settlement' and cause_kind = 'settlement_line' and settlement_id is not null then 'batch'
             when per = 'settlement' and cause_kind = 'settlement_line' then 'wallet'
             else 'day' end as grouping_kind,
        case when per = 'order' and order_id is not null then order_id
             when per = 'settlement' and cause_kind = 'settlement_line' and settlement_id is not null
             then coalesce(statement_channel, entry_channel) || ':' || settlement_id
             when per = 'settlement' and cause_kind = 'settlement_line' then coalesce(wallet_id, statement_channel, entry_channel)
             else entry_channel || ':' || entry_shop end as grouping_key
    from placed_days
),
dated as (
    select *,
        case when grouping_kind = 'batch'
             then max(accounting_date) over (partition by entity_id, book, currency, grouping_kind, grouping_key)
             else accounting_date end as posted_on,
        -- A batch may hold several shops of a platform; everything else has one.
        case when grouping_kind = 'batch' then '' else entry_channel || ':' || entry_shop end as placed
    from grouped
),
keyed as (
    select *, concat_ws('|', entity_id, book, currency, grouping_kind, grouping_key, placed, cast(posted_on as varchar)) as journal_key
    from dated
),
mapped as (
    select k.*,
        coalesce(m.erp_account, g.erp_account) as erp_account,
        case when coalesce(m.erp_account, g.erp_account) is null then null
             when case when m.erp_account is not null then m.tax_code else g.tax_code end = 'by_rate' then t.theirs
             when case when m.erp_account is not null then m.tax_code else g.tax_code end = 'own' then k.tax_code
             when m.erp_account is not null then m.tax_code
             else g.tax_code end as erp_tax_code,
        case when m.erp_account is not null then m.dimension_1 else g.dimension_1 end as dimension_1,
        case when m.erp_account is not null then m.dimension_2 else g.dimension_2 end as dimension_2,
        case when m.erp_account is not null then m.dimension_3 else g.dimension_3 end as dimension_3
    from keyed as k
    left join account_map as m on k.account = m.account and k.channel = m.channel
    left join account_map as g on k.account = g.account and g.channel = ''
    left join value_map as t on t.kind = 'tax' and k.tax_code = t.ours
),
-- A dimension that the account does not carry would split its line for nothing. What customers owe is each channel's.
carried as (
    select *,
        case when 'channel' in (coalesce(dimension_1, ''), coalesce(dimension_2, ''), coalesce(dimension_3, ''))
                  or account = 'customer_clearing' then channel end as channel_own,
        case when 'shop' in (coalesce(dimension_1, ''), coalesce(dimension_2, ''), coalesce(dimension_3, '')) then shop end as shop_own,
        case when 'sku' in (coalesce(dimension_1, ''), coalesce(dimension_2, ''), coalesce(dimension_3, '')) then coalesce(sku_id, '') end as sku_own,
        amount_minor > 0 or (amount_minor = 0 and functional_minor > 0) as is_debit, amount_minor = 0 and functional_minor <> 0 as is_nil
    from mapped
),
summed as (
    select journal_key, entity_id, book, currency, functional_currency, posted_on, period, grouping_kind, grouping_key, placed,
        account, erp_account, erp_tax_code, dimension_1, dimension_2, dimension_3, channel_own, shop_own, sku_own, is_debit, is_nil, is_difference,
        sum_exact(amount_minor) as amount_minor, sum_exact(functional_minor) as functional_minor
    from carried
    group by journal_key, entity_id, book, currency, functional_currency, posted_on, period, grouping_kind, grouping_key, placed,
        account, erp_account, erp_tax_code, dimension_1, dimension_2, dimension_3, channel_own, shop_own, sku_own, is_debit, is_nil, is_difference
),
numbered as (
    select *,
        dense_rank() over (partition by entity_id order by posted_on, journal_key) as journal_no,
        row_number() over (partition by journal_key
                           order by is_difference, is_debit desc, account, coalesce(erp_tax_code, ''), coalesce(channel_own, ''),
                                    coalesce(shop_own, ''), coalesce(sku_own, ''), coalesce(erp_account, ''), is_nil) as line_no,
        sum_exact(case when is_debit then amount_minor else 0 end) over (partition by journal_key) as journal_minor,
        sum_exact(case when is_debit and not is_nil then functional_minor else 0 end) over (partition by journal_key) as journal_functional_minor
    from summed
)
select
    cast(n.journal_key as varchar) as journal_key,
    cast(substr(sha256(n.journal_key), 1, 16) as varchar) as journal_id,
    cast(n.journal_no as bigint) as journal_no,
    cast(n.line_no as bigint) as line_no,
    cast(n.entity_id as varchar) as entity_id,
    cast(coalesce(e.theirs, n.entity_id) as varchar) as entity_code,
    cast(n.book as varchar) as book,
    cast(n.period as varchar) as period,
    cast(n.posted_on as date) as posted_on,
    cast(n.grouping_kind as varchar) as grouping_kind,
    cast(n.grouping_key as varchar) as grouping_key,
    cast(n.placed as varchar) as placed,
    -- Where it comes from, without a comma or a line end.
    cast(regexp_replace(
            case when n.grouping_kind = 'day' and n.grouping_key = ':' then 'general journal'
                 when n.grouping_kind = 'day' then replace(n.grouping_key, ':', ' ')
                 when n.grouping_kind = 'batch' then 'settlement ' || replace(n.grouping_key, ':', ' ')
                 when n.grouping_kind = 'wallet' then 'wallet ' || replace(n.grouping_key, ':', ' ')
                 else 'order ' || replace(n.grouping_key, ':', ' ') end, '[,"\r\n\t]', ' ', 'g') as varchar) as reference,
    cast(n.account as varchar) as account,
    cast(n.erp_account as varchar) as erp_account,
    cast(n.erp_tax_code as varchar) as erp_tax_code,
    cast(n.dimension_1 as varchar) as dimension_1,
    cast(n.dimension_2 as varchar) as dimension_2,
    cast(n.dimension_3 as varchar) as dimension_3,
    cast(coalesce(c.theirs, n.channel_own) as varchar) as channel_code,
    cast(coalesce(h.theirs, n.shop_own) as varchar) as shop_code,
    cast(coalesce(k.theirs, n.sku_own) as varchar) as sku_code,
    cast(n.currency as varchar) as currency,
    cast(coalesce(u.theirs, n.currency) as varchar) as currency_code,
    cast(n.functional_currency as varchar) as functional_currency,
    cast(coalesce(w.theirs, n.functional_currency) as varchar) as functional_code,
    cast(n.is_debit as boolean) as is_debit,
    cast(n.is_nil as boolean) as is_nil,
    cast(n.is_difference as boolean) as is_difference,
    cast(n.amount_minor as bigint) as amount_minor,
    cast(n.functional_minor as bigint) as functional_minor,
    cast(case when n.currency = n.functional_currency then 1000000
              when n.journal_minor = 0 then 1000000
              else half_up_div(product_exact(product_exact(n.journal_functional_minor, 1000000), s.to_scale),
                               product_exact(n.journal_minor, s.from_scale)) end as bigint) as rate_e6
from numbered as n
left join value_map as e on e.kind = 'entity' and n.entity_id = e.ours
left join value_map as c on c.kind = 'channel' and n.channel_own = c.ours
left join value_map as h on h.kind = 'shop' and n.shop_own = h.ours
left join value_map as k on k.kind = 'sku' and n.sku_own = k.ours
left join value_map as u on u.kind = 'currency' and n.currency = u.ours
left join value_map as w on w.kind = 'currency' and n.functional_currency = w.ours
left join currency_pairs as s on n.currency = s.from_currency and n.functional_currency = s.to_currency
