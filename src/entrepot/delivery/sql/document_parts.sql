-- The lines of entries of which invoices and credit notes take some, with the document that takes a line (`document_key`;
-- none of the rest of an entry), and the payment that takes the entry as a whole (`payment_key`; none where it is a
-- journal's). A document has one company, book, currency, channel and date. `document_per` and `payment_per` say what it
-- holds:
--   order       an order and day
--   day         everything of a day, channel and shop
--   settlement  the orders that a payout batch names first, dated on their last day of the period; the rest as for day
-- The days in `order_days` go by order whatever they say. Amounts are turned: what is sold is positive. Those in the company's
-- currency are the ledger's own, line by line, and no document's rate: they add up to it to the cent.
with batches as (
    select order_key, min(channel || ':' || settlement_id) as batch
    from settlement_lines where order_key is not null and settlement_id is not null group by order_key
),
taken as (
    select e.entity_id, e.book, e.currency, e.functional_currency, e.period, e.document_kind as kind, e.settled_kind,
        e.account as charged_account, e.own_account, e.own_sku_id as sku_id, e.own_tax_code as tax_code, e.channel, coalesce(e.shop, '') as shop,
        e.accounting_date, e.order_id, e.order_line_id, e.sold_as, -e.amount_minor as amount_minor,
        -e.functional_minor as functional_minor, b.batch,
        case when d.day is not null then 'order' else e.document_per end as per,
        case when d.day is not null and e.payment_per is not null then 'order' else e.payment_per end as payment_per,
        max(e.channel) over (partition by e.entry_id, e.entity_id, e.book, e.currency) as entry_channel,
        max(coalesce(e.shop, '')) over (partition by e.entry_id, e.entity_id, e.book, e.currency) as entry_shop,
        max(e.order_id) over (partition by e.entry_id, e.entity_id, e.book, e.currency) as entry_order,
        max(b.batch) over (partition by e.entry_id, e.entity_id, e.book, e.currency) as entry_batch,
        max(e.accounting_date) over (partition by e.entry_id, e.entity_id, e.book, e.currency) as entry_date
    from journal_entries as e
    join target_book as t on t.book = '' or e.book = t.book
    left join order_days as d on e.accounting_date = d.day
    left join batches as b on e.order_id = b.order_key
    where e.settled_kind is not null
),
grouped as (
    select *,
        case when per = 'order' and order_id is not null then 'order'
             when per = 'settlement' and batch is not null then 'batch'
             else 'day' end as grouping_kind,
        case when per = 'order' and order_id is not null then order_id
             when per = 'settlement' and batch is not null then batch
             else channel || ':' || shop end as grouping_key,
        case when payment_per = 'order' and entry_order is not null then 'order'
             when payment_per = 'settlement' and entry_batch is not null then 'batch'
             else 'day' end as payment_grouping,
        case when payment_per = 'order' and entry_order is not null then entry_order
             when payment_per = 'settlement' and entry_batch is not null then entry_batch
             else entry_channel || ':' || entry_shop end as payment_group
    from taken
),
dated as (
    select *,
        case when grouping_kind = 'batch'
             then max(accounting_date) over (partition by kind, entity_id, book, currency, channel, grouping_key)
             else accounting_date end as posted_on,
        case when payment_grouping = 'batch'
             then max(entry_date) over (partition by settled_kind, entity_id, book, currency, entry_channel, payment_group)
             else entry_date end as paid_on
    from grouped
)
select
    cast(case when kind is not null
              then concat_ws('|', kind, entity_id, book, currency, channel, grouping_kind, grouping_key, cast(posted_on as varchar)) end
         as varchar) as document_key,
    cast(case when payment_per is not null
              then concat_ws('|', 'payment', settled_kind, entity_id, book, currency, entry_channel, payment_grouping,
                             payment_group, cast(paid_on as varchar)) end as varchar) as payment_key,
    cast(kind as varchar) as kind,
    cast(entity_id as varchar) as entity_id,
    cast(book as varchar) as book,
    cast(currency as varchar) as currency,
    cast(functional_currency as varchar) as functional_currency,
    cast(period as varchar) as period,
    cast(posted_on as date) as posted_on,
    cast(grouping_kind as varchar) as grouping_kind,
    cast(grouping_key as varchar) as grouping_key,
    cast(paid_on as date) as paid_on,
    cast(payment_grouping as varchar) as payment_grouping,
    cast(payment_group as varchar) as payment_group,
    cast(channel as varchar) as channel,
    cast(charged_account as varchar) as charged_account,
    cast(own_account as varchar) as own_account,
    cast(sku_id as varchar) as sku_id,
    cast(tax_code as varchar) as tax_code,
    cast(order_id as varchar) as order_id,
    cast(order_line_id as varchar) as order_line_id,
    cast(sold_as as varchar) as sold_as,
    cast(amount_minor as bigint) as amount_minor,
    cast(functional_minor as bigint) as functional_minor
from dated
