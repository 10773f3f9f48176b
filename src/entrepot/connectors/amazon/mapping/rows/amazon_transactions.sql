-- Amazon's transaction report of a date range ("unified transactions"): one row per item of an order, refund or charge, one
-- column per sort of amount, headers and words in the language of the marketplace. All languages come here under the
-- English headers. The file names no currency in its rows; it is that of the marketplace. A row that is still deferred is
-- no money yet and comes again when it is released. The blanks replaced first are the two kinds that do not break.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, f.currency as file_currency, w."settlement id" as settlement_id,
        w."type" as platform_type, w."order id" as order_id, w."sku" as sku_id, coalesce(w."description", '') as description,
        w."quantity" as quantity_text, lower(w."marketplace") as marketplace, w."Transaction Status" as release_state,
        case when contains(w."Transaction Release Date", ':') then w."Transaction Release Date" else w."date/time" end as posted_text,
        coalesce(replace(replace(w."product sales", ' ', ' '), ' ', ' '), '0') as sales_text,
        coalesce(replace(replace(w."product sales tax", ' ', ' '), ' ', ' '), '0') as sales_tax_text,
        coalesce(replace(replace(w."sales tax collected", ' ', ' '), ' ', ' '), '0') as collected_tax_text,
        coalesce(replace(replace(w."shipping credits", ' ', ' '), ' ', ' '), '0') as postage_text,
        coalesce(replace(replace(w."shipping credits tax", ' ', ' '), ' ', ' '), '0') as postage_tax_text,
        coalesce(replace(replace(w."gift wrap credits", ' ', ' '), ' ', ' '), '0') as wrap_text,
        coalesce(replace(replace(w."giftwrap credits tax", ' ', ' '), ' ', ' '), '0') as wrap_tax_text,
        coalesce(replace(replace(w."Regulatory Fee", ' ', ' '), ' ', ' '), '0') as regulatory_text,
        coalesce(replace(replace(w."Tax On Regulatory Fee", ' ', ' '), ' ', ' '), '0') as regulatory_tax_text,
        coalesce(replace(replace(w."Amazonポイントの費用", ' ', ' '), ' ', ' '), '0') as points_text,
        coalesce(replace(replace(w."promotional rebates", ' ', ' '), ' ', ' '), '0') as rebates_text,
        coalesce(replace(replace(w."promotional rebates tax", ' ', ' '), ' ', ' '), '0') as rebates_tax_text,
        coalesce(replace(replace(w."marketplace withheld tax", ' ', ' '), ' ', ' '), '0') as withheld_text,
        coalesce(replace(replace(w."low value goods", ' ', ' '), ' ', ' '), '0') as low_value_text,
        coalesce(replace(replace(w."selling fees", ' ', ' '), ' ', ' '), '0') as selling_text,
        coalesce(replace(replace(w."fba fees", ' ', ' '), ' ', ' '), '0') as fba_text,
        coalesce(replace(replace(w."other transaction fees", ' ', ' '), ' ', ' '), '0') as transaction_text,
        coalesce(replace(replace(w."other", ' ', ' '), ' ', ' '), '0') as rest_text,
        coalesce(replace(replace(w."total", ' ', ' '), ' ', ' '), '0') as total_text,
        digest(concat_ws('|', coalesce(w."settlement id", ''), coalesce(w."date/time", ''), coalesce(w."type", ''), coalesce(w."order id", ''),
                         coalesce(w."sku", ''), coalesce(w."description", ''), coalesce(w."quantity", ''),
                         coalesce(w."product sales", ''), coalesce(w."product sales tax", ''), coalesce(w."sales tax collected", ''),
                         coalesce(w."shipping credits", ''), coalesce(w."shipping credits tax", ''), coalesce(w."gift wrap credits", ''),
                         coalesce(w."giftwrap credits tax", ''), coalesce(w."Regulatory Fee", ''), coalesce(w."Tax On Regulatory Fee", ''),
                         coalesce(w."Amazonポイントの費用", ''), coalesce(w."promotional rebates", ''), coalesce(w."promotional rebates tax", ''),
                         coalesce(w."marketplace withheld tax", ''), coalesce(w."low value goods", ''), coalesce(w."selling fees", ''),
                         coalesce(w."fba fees", ''), coalesce(w."other transaction fees", ''), coalesce(w."other", ''),
                         coalesce(w."total", ''))) as content
    from wire as w join files as f on w.raw_id = f.raw_id
),
placed as (
    select c.*, m.currency as own_currency, m.marketplace as known_marketplace,
        min(m.currency) over (partition by c.raw_id) as least_currency, max(m.currency) over (partition by c.raw_id) as most_currency,
        row_number() over (partition by c.raw_id, c.content order by c.row_no) as twin,
        -- Sep 30, 2026 8:45:12 p.m. PDT becomes sep 30 2026 8:45:12 pm pdt.
        replace(replace(replace(replace(replace(replace(lower(edges_trimmed(c.posted_text)), ' ', ' '), ' ', ' '), ',', ''),
            'a.m.', 'am'), 'p.m.', 'pm'), ' de ', ' ') as t
    from cells as c left join amazon_marketplaces as m on c.marketplace = m.marketplace
),
cut as (
    -- Year first; or day, month and year by points; or the month by its name, before or after the day.
    select *, coalesce(own_currency, case when least_currency = most_currency then most_currency end, file_currency) as currency,
        case when regexp_matches(t, '\A[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}[ t]') then 'ymd'
             when regexp_matches(t, '\A[0-9]{1,2}[.][0-9]{1,2}[.][0-9]{4} ') then 'dmy'
             when regexp_matches(t, '\A[0-9]{1,2} [^ 0-9]+ [0-9]{4} ') then 'day first'
             when regexp_matches(t, '\A[^ 0-9]+ [0-9]{1,2} [0-9]{4} ') then 'month first' end as shape,
        replace(regexp_extract(t, '[^ 0-9.:+-][^ 0-9.:+-]+', 0), '.', '') as month_name,
        regexp_extract(t, '[ t]([0-9]{1,2})[:.][0-9]{2}[:.][0-9]{2}', 1) as hour_text,
        regexp_extract(t, '[ t][0-9]{1,2}[:.]([0-9]{2})[:.][0-9]{2}', 1) as minute_text,
        regexp_extract(t, '[ t][0-9]{1,2}[:.][0-9]{2}[:.]([0-9]{2})', 1) as second_text,
        regexp_extract(t, '[:.][0-9]{2}[:.][0-9]{2} ?(am|pm)', 1) as half,
        regexp_extract(t, '[:.][0-9]{2}[:.][0-9]{2} ?(am|pm)? ?([a-z]*[+-]?[0-9:]*)\z', 2) as zone
    from placed
),
dated as (
    select c.*, cast(z.digits as bigint) as digits,
        case c.shape
            when 'ymd' then replace(regexp_extract(c.t, '\A([0-9]{4})', 1), '/', '-') || '-' || lpad(regexp_extract(c.t, '\A[0-9]{4}[-/]([0-9]{1,2})', 1), 2, '0')
                || '-' || lpad(regexp_extract(c.t, '\A[0-9]{4}[-/][0-9]{1,2}[-/]([0-9]{1,2})', 1), 2, '0')
            when 'dmy' then regexp_extract(c.t, '\A[0-9]{1,2}[.][0-9]{1,2}[.]([0-9]{4})', 1) || '-'
                || lpad(regexp_extract(c.t, '\A[0-9]{1,2}[.]([0-9]{1,2})', 1), 2, '0') || '-' || lpad(regexp_extract(c.t, '\A([0-9]{1,2})', 1), 2, '0')
            when 'day first' then regexp_extract(c.t, '\A[0-9]{1,2} [^ 0-9]+ ([0-9]{4})', 1) || '-' || n.number || '-' || lpad(regexp_extract(c.t, '\A([0-9]{1,2})', 1), 2, '0')
            when 'month first' then regexp_extract(c.t, '\A[^ 0-9]+ [0-9]{1,2} ([0-9]{4})', 1) || '-' || n.number || '-'
                || lpad(regexp_extract(c.t, '\A[^ 0-9]+ ([0-9]{1,2})', 1), 2, '0') end as day_text,
        case when regexp_matches(c.hour_text, '\A[0-9]{1,2}\z') then lpad(cast(case when c.half = 'am' and try_cast(c.hour_text as bigint) = 12 then 0
             when c.half = 'pm' and try_cast(c.hour_text as bigint) < 12 then try_cast(c.hour_text as bigint) + 12
             else try_cast(c.hour_text as bigint) end as varchar), 2, '0') end as hour_24,
        -- The cast makes one kind of text of what the list and the functions give; the second engine needs it.
        cast(case when regexp_matches(c.zone, '\A(gmt|utc)?[+-][0-9]{1,2}\z')
             then substr(regexp_extract(c.zone, '[+-].*', 0), 1, 1) || lpad(regexp_extract(c.zone, '[0-9]+', 0), 2, '0') || ':00'
             when regexp_matches(c.zone, '\A(gmt|utc)?[+-][0-9]{2}:?[0-9]{2}\z')
             then substr(regexp_extract(c.zone, '[+-].*', 0), 1, 3) || ':' || right(c.zone, 2)
             else o.utc_offset end as varchar) as zone_offset,
        -- 1,234.56 of the English files, 1.234,56 or 1 234,56 of the European ones; 1.234 alone could be either and is refused.
        case when regexp_matches(c.sales_text, '\A-?[0-9]{1,3}(,[0-9]{3}){1,4}([.][0-9]+)?\z') then replace(c.sales_text, ',', '')
             when regexp_matches(c.sales_text, '\A-?([0-9]{1,15}|[0-9]{1,3}([. ][0-9]{3}){1,4}),[0-9]{1,2}\z')
             then replace(replace(replace(c.sales_text, '.', ''), ' ', ''), ',', '.') else c.sales_text end as sales_decimal,
        case when regexp_matches(c.sales_tax_text, '\A-?[0-9]{1,3}(,[0-9]{3}){1,4}([.][0-9]+)?\z') then replace(c.sales_tax_text, ',', '')
             when regexp_matches(c.sales_tax_text, '\A-?([0-9]{1,15}|[0-9]{1,3}([. ][0-9]{3}){1,4}),[0-9]{1,2}\z')
             then replace(replace(replace(c.sales_tax_text, '.', ''), ' ', ''), ',', '.') else c.sales_tax_text end as sales_tax_decimal,
        case when regexp_matches(c.collected_tax_text, '\A-?[0-9]{1,3}(,[0-9]{3}){1,4}([.][0-9]+)?\z') then replace(c.collected_tax_text, ',', '')
             when regexp_matches(c.collected_tax_text, '\A-?([0-9]{1,15}|[0-9]{1,3}([. ][0-9]{3}){1,4}),[0-9]{1,2}\z')
             then replace(replace(replace(c.collected_tax_text, '.', ''), ' ', ''), ',', '.') else c.collected_tax_text end as collected_tax_decimal,
        case when regexp_matches(c.postage_text, '\A-?[0-9]{1,3}(,[0-9]{3}){1,4}([.][0-9]+)?\z') then replace(c.postage_text, ',', '')
             when regexp_matches(c.postage_text, '\A-?([0-9]{1,15}|[0-9]{1,3}([. ][0-9]{3}){1,4}),[0-9]{1,2}\z')
             then replace(replace(replace(c.postage_text, '.', ''), ' ', ''), ',', '.') else c.postage_text end as postage_decimal,
        case when regexp_matches(c.postage_tax_text, '\A-?[0-9]{1,3}(,[0-9]{3}){1,4}([.][0-9]+)?\z') then replace(c.postage_tax_text, ',', '')
             when regexp_matches(c.postage_tax_text, '\A-?([0-9]{1,15}|[0-9]{1,3}([. ][0-9]{3}){1,4}),[0-9]{1,2}\z')
             then replace(replace(replace(c.postage_tax_text, '.', ''), ' ', ''), ',', '.') else c.postage_tax_text end as postage_tax_decimal,
        case when regexp_matches(c.wrap_text, '\A-?[0-9]{1,3}(,[0-9]{3}){1,4}([.][0-9]+)?\z') then replace(c.wrap_text, ',', '')
             when regexp_matches(c.wrap_text, '\A-?([0-9]{1,15}|[0-9]{1,3}([. ][0-9]{3}){1,4}),[0-9]{1,2}\z')
             then replace(replace(replace(c.wrap_text, '.', ''), ' ', ''), ',', '.') else c.wrap_text end as wrap_decimal,
        case when regexp_matches(c.wrap_tax_text, '\A-?[0-9]{1,3}(,[0-9]{3}){1,4}([.][0-9]+)?\z') then replace(c.wrap_tax_text, ',', '')
             when regexp_matches(c.wrap_tax_text, '\A-?([0-9]{1,15}|[0-9]{1,3}([. ][0-9]{3}){1,4}),[0-9]{1,2}\z')
             then replace(replace(replace(c.wrap_tax_text, '.', ''), ' ', ''), ',', '.') else c.wrap_tax_text end as wrap_tax_decimal,
        case when regexp_matches(c.regulatory_text, '\A-?[0-9]{1,3}(,[0-9]{3}){1,4}([.][0-9]+)?\z') then replace(c.regulatory_text, ',', '')
             when regexp_matches(c.regulatory_text, '\A-?([0-9]{1,15}|[0-9]{1,3}([. ][0-9]{3}){1,4}),[0-9]{1,2}\z')
             then replace(replace(replace(c.regulatory_text, '.', ''), ' ', ''), ',', '.') else c.regulatory_text end as regulatory_decimal,
        case when regexp_matches(c.regulatory_tax_text, '\A-?[0-9]{1,3}(,[0-9]{3}){1,4}([.][0-9]+)?\z') then replace(c.regulatory_tax_text, ',', '')
             when regexp_matches(c.regulatory_tax_text, '\A-?([0-9]{1,15}|[0-9]{1,3}([. ][0-9]{3}){1,4}),[0-9]{1,2}\z')
             then replace(replace(replace(c.regulatory_tax_text, '.', ''), ' ', ''), ',', '.') else c.regulatory_tax_text end as regulatory_tax_decimal,
        case when regexp_matches(c.points_text, '\A-?[0-9]{1,3}(,[0-9]{3}){1,4}([.][0-9]+)?\z') then replace(c.points_text, ',', '')
             when regexp_matches(c.points_text, '\A-?([0-9]{1,15}|[0-9]{1,3}([. ][0-9]{3}){1,4}),[0-9]{1,2}\z')
             then replace(replace(replace(c.points_text, '.', ''), ' ', ''), ',', '.') else c.points_text end as points_decimal,
        case when regexp_matches(c.rebates_text, '\A-?[0-9]{1,3}(,[0-9]{3}){1,4}([.][0-9]+)?\z') then replace(c.rebates_text, ',', '')
             when regexp_matches(c.rebates_text, '\A-?([0-9]{1,15}|[0-9]{1,3}([. ][0-9]{3}){1,4}),[0-9]{1,2}\z')
             then replace(replace(replace(c.rebates_text, '.', ''), ' ', ''), ',', '.') else c.rebates_text end as rebates_decimal,
        case when regexp_matches(c.rebates_tax_text, '\A-?[0-9]{1,3}(,[0-9]{3}){1,4}([.][0-9]+)?\z') then replace(c.rebates_tax_text, ',', '')
             when regexp_matches(c.rebates_tax_text, '\A-?([0-9]{1,15}|[0-9]{1,3}([. ][0-9]{3}){1,4}),[0-9]{1,2}\z')
             then replace(replace(replace(c.rebates_tax_text, '.', ''), ' ', ''), ',', '.') else c.rebates_tax_text end as rebates_tax_decimal,
        case when regexp_matches(c.withheld_text, '\A-?[0-9]{1,3}(,[0-9]{3}){1,4}([.][0-9]+)?\z') then replace(c.withheld_text, ',', '')
             when regexp_matches(c.withheld_text, '\A-?([0-9]{1,15}|[0-9]{1,3}([. ][0-9]{3}){1,4}),[0-9]{1,2}\z')
             then replace(replace(replace(c.withheld_text, '.', ''), ' ', ''), ',', '.') else c.withheld_text end as withheld_decimal,
        case when regexp_matches(c.low_value_text, '\A-?[0-9]{1,3}(,[0-9]{3}){1,4}([.][0-9]+)?\z') then replace(c.low_value_text, ',', '')
             when regexp_matches(c.low_value_text, '\A-?([0-9]{1,15}|[0-9]{1,3}([. ][0-9]{3}){1,4}),[0-9]{1,2}\z')
             then replace(replace(replace(c.low_value_text, '.', ''), ' ', ''), ',', '.') else c.low_value_text end as low_value_decimal,
        case when regexp_matches(c.selling_text, '\A-?[0-9]{1,3}(,[0-9]{3}){1,4}([.][0-9]+)?\z') then replace(c.selling_text, ',', '')
             when regexp_matches(c.selling_text, '\A-?([0-9]{1,15}|[0-9]{1,3}([. ][0-9]{3}){1,4}),[0-9]{1,2}\z')
             then replace(replace(replace(c.selling_text, '.', ''), ' ', ''), ',', '.') else c.selling_text end as selling_decimal,
        case when regexp_matches(c.fba_text, '\A-?[0-9]{1,3}(,[0-9]{3}){1,4}([.][0-9]+)?\z') then replace(c.fba_text, ',', '')
             when regexp_matches(c.fba_text, '\A-?([0-9]{1,15}|[0-9]{1,3}([. ][0-9]{3}){1,4}),[0-9]{1,2}\z')
             then replace(replace(replace(c.fba_text, '.', ''), ' ', ''), ',', '.') else c.fba_text end as fba_decimal,
        case when regexp_matches(c.transaction_text, '\A-?[0-9]{1,3}(,[0-9]{3}){1,4}([.][0-9]+)?\z') then replace(c.transaction_text, ',', '')
             when regexp_matches(c.transaction_text, '\A-?([0-9]{1,15}|[0-9]{1,3}([. ][0-9]{3}){1,4}),[0-9]{1,2}\z')
             then replace(replace(replace(c.transaction_text, '.', ''), ' ', ''), ',', '.') else c.transaction_text end as transaction_decimal,
        case when regexp_matches(c.rest_text, '\A-?[0-9]{1,3}(,[0-9]{3}){1,4}([.][0-9]+)?\z') then replace(c.rest_text, ',', '')
             when regexp_matches(c.rest_text, '\A-?([0-9]{1,15}|[0-9]{1,3}([. ][0-9]{3}){1,4}),[0-9]{1,2}\z')
             then replace(replace(replace(c.rest_text, '.', ''), ' ', ''), ',', '.') else c.rest_text end as rest_decimal,
        case when regexp_matches(c.total_text, '\A-?[0-9]{1,3}(,[0-9]{3}){1,4}([.][0-9]+)?\z') then replace(c.total_text, ',', '')
             when regexp_matches(c.total_text, '\A-?([0-9]{1,15}|[0-9]{1,3}([. ][0-9]{3}){1,4}),[0-9]{1,2}\z')
             then replace(replace(replace(c.total_text, '.', ''), ' ', ''), ',', '.') else c.total_text end as total_decimal
    from cut as c
    left join amazon_currencies as z on c.currency = z.currency
    left join amazon_months as n on c.month_name = n.month_name
    left join amazon_zones as o on c.zone = o.zone
),
typed as (
    select *,
        instant_from_offset(day_text || ' ' || hour_24 || ':' || minute_text || ':' || second_text || ' ' || zone_offset) as booked_at,
        case when regexp_matches(quantity_text, '\A[0-9]{1,9}\z') then cast(quantity_text as bigint) end as quantity,
        minor_from_decimal(sales_decimal, digits) as sales_amount,
        minor_from_decimal(sales_tax_decimal, digits) as sales_tax_amount,
        minor_from_decimal(collected_tax_decimal, digits) as collected_tax_amount,
        minor_from_decimal(postage_decimal, digits) as postage_amount,
        minor_from_decimal(postage_tax_decimal, digits) as postage_tax_amount,
        minor_from_decimal(wrap_decimal, digits) as wrap_amount,
        minor_from_decimal(wrap_tax_decimal, digits) as wrap_tax_amount,
        minor_from_decimal(regulatory_decimal, digits) as regulatory_amount,
        minor_from_decimal(regulatory_tax_decimal, digits) as regulatory_tax_amount,
        minor_from_decimal(points_decimal, digits) as points_amount,
        minor_from_decimal(rebates_decimal, digits) as rebates_amount,
        minor_from_decimal(rebates_tax_decimal, digits) as rebates_tax_amount,
        minor_from_decimal(withheld_decimal, digits) as withheld_amount,
        minor_from_decimal(low_value_decimal, digits) as low_value_amount,
        minor_from_decimal(selling_decimal, digits) as selling_amount,
        minor_from_decimal(fba_decimal, digits) as fba_amount,
        minor_from_decimal(transaction_decimal, digits) as transaction_amount,
        minor_from_decimal(rest_decimal, digits) as rest_amount,
        minor_from_decimal(total_decimal, digits) as total_amount
    from dated
),
coded as (
    -- What a charge is for follows from the beginning of its description, otherwise from its type.
    select t.*, k.role, coalesce(d.kind, k.kind) as kind, case when d.kind is null then k.fee_code else d.fee_code end as fee_code,
        cast(t.postage_amount + t.wrap_amount + t.regulatory_amount as bigint) as freight_amount,
        cast(t.sales_tax_amount + t.collected_tax_amount + t.postage_tax_amount + t.wrap_tax_amount + t.regulatory_tax_amount
             + t.rebates_tax_amount as bigint) as tax_amount,
        cast(t.withheld_amount + t.low_value_amount as bigint) as kept_tax_amount
    from typed as t
    left join amazon_kinds as k on lower(t.platform_type) = lower(k.platform_type)
    left join amazon_details as d on k.role = 'other' and starts_with(t.description, d.description)
)
select
    raw_id, row_no, content || '-' || cast(twin as varchar) as row_key, settlement_id, shop, exported_at, booked_at, currency,
    settlement_id || ':' || substr(content, 1, 16) || '-' || cast(twin as varchar) as line_id,
    role, kind, fee_code, platform_type, description, order_id, coalesce(sku_id, '') as item, sku_id, coalesce(quantity, 0) as quantity,
    sales_amount, freight_amount, tax_amount, rebates_amount, kept_tax_amount, selling_amount, fba_amount, transaction_amount,
    points_amount, rest_amount, total_amount, coalesce(release_state, 'Released') <> 'Deferred' as is_released,
    -- Orders of other sales channels that Amazon only ships (S01-…) are no orders of this one.
    case when not regexp_matches(order_id, '\AS[0-9]{2}-') then 'amazon:' || order_id end as order_key,
    case
        when platform_type is null then 'missing_value:type'
        when role is null then 'unknown_code:type:' || platform_type
        when release_state is not null and release_state not in ('Released', '支払い実行済み', 'Deferred') then 'unknown_code:Transaction Status:' || release_state
        when settlement_id is null and coalesce(release_state, '') <> 'Deferred' then 'bad_id:settlement id'
        when settlement_id is not null and not is_plain_id(settlement_id) then 'bad_id:settlement id'
        when order_id is not null and role <> 'other' and not is_plain_id(order_id) then 'bad_id:order id'
        when role <> 'other' and order_id is null then 'bad_id:order id'
        when marketplace is not null and known_marketplace is null and not starts_with(marketplace, 'non-amazon') then 'unknown_code:marketplace:' || marketplace
        when currency is null then 'missing_value:marketplace'
        when digits is null then 'unknown_code:currency:' || currency
        when booked_at is null then 'bad_time:date/time'
        when sales_amount is null then 'bad_money:product sales'
        when sales_tax_amount is null then 'bad_money:product sales tax'
        when collected_tax_amount is null then 'bad_money:sales tax collected'
        when postage_amount is null then 'bad_money:shipping credits'
        when postage_tax_amount is null then 'bad_money:shipping credits tax'
        when wrap_amount is null then 'bad_money:gift wrap credits'
        when wrap_tax_amount is null then 'bad_money:giftwrap credits tax'
        when regulatory_amount is null then 'bad_money:Regulatory Fee'
        when regulatory_tax_amount is null then 'bad_money:Tax On Regulatory Fee'
        when points_amount is null then 'bad_money:Amazonポイントの費用'
        when rebates_amount is null then 'bad_money:promotional rebates'
        when rebates_tax_amount is null then 'bad_money:promotional rebates tax'
        when withheld_amount is null then 'bad_money:marketplace withheld tax'
        when low_value_amount is null then 'bad_money:low value goods'
        when selling_amount is null then 'bad_money:selling fees'
        when fba_amount is null then 'bad_money:fba fees'
        when transaction_amount is null then 'bad_money:other transaction fees'
        when rest_amount is null then 'bad_money:other'
        when total_amount is null then 'bad_money:total'
        when role = 'order' and sales_amount <> 0 and quantity is null then 'bad_number:quantity'
        when cast(sales_amount as decimal(38, 0)) + cast(sales_tax_amount as decimal(38, 0)) + cast(collected_tax_amount as decimal(38, 0)) +
            cast(postage_amount as decimal(38, 0)) + cast(postage_tax_amount as decimal(38, 0)) + cast(wrap_amount as decimal(38, 0)) +
            cast(wrap_tax_amount as decimal(38, 0)) + cast(regulatory_amount as decimal(38, 0)) + cast(regulatory_tax_amount as decimal(38, 0)) +
            cast(points_amount as decimal(38, 0)) + cast(rebates_amount as decimal(38, 0)) + cast(rebates_tax_amount as decimal(38, 0)) +
            cast(withheld_amount as decimal(38, 0)) + cast(low_value_amount as decimal(38, 0)) + cast(selling_amount as decimal(38, 0)) +
            cast(fba_amount as decimal(38, 0)) + cast(transaction_amount as decimal(38, 0)) + cast(rest_amount as decimal(38, 0))
            <> total_amount then 'inconsistent_amount:total'
    end as reject
from coded
