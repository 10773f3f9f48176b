-- Lines of service bills; an amount is with its tax, and a credit is negative. Lines of a bill are numbered as they stand.
with cells as (
    select w.raw_id, w.row_no, f.exported_at, w.bill, w.vendor, k.service, w.kind as kind_text, day_from_text(w.date) as on_day,
           w.currency, cast(c.digits as bigint) as digits, w.entity, w.channel as shop_channel, w.shop, w.order_id,
           minor_from_decimal(ungrouped(w.amount, cast(c.digits as bigint)), cast(c.digits as bigint)) as amount_minor,
           minor_from_decimal(ungrouped(coalesce(w.vat, '0'), cast(c.digits as bigint)), cast(c.digits as bigint)) as vat_minor
    from wire as w
    join files as f on w.raw_id = f.raw_id
    left join own_currencies as c on w.currency = c.currency
    left join own_bill_kinds as k on lower(w.kind) = k.kind
),
numbered as (
    select *, row_number() over (partition by raw_id, vendor, bill order by row_no) as line_no,
           cast(on_day as timestamptz) as on_instant
    from cells
)
select
    raw_id, row_no, vendor || ':' || bill || ':' || cast(line_no as varchar) as row_key, exported_at, bill, vendor, service,
    on_day, on_instant, currency, entity, shop_channel, shop, order_id, amount_minor, vat_minor, line_no,
    case
        when not is_plain_id(bill) then 'bad_id:bill'
        when vendor is null then 'missing_value:vendor'
        when service is null then 'unknown_code:kind:' || coalesce(kind_text, '')
        when on_day is null then 'bad_time:date'
        when digits is null then 'unknown_code:currency:' || coalesce(currency, '')
        when amount_minor is null then 'bad_money:amount'
        when vat_minor is null then 'bad_money:vat'
        when abs(vat_minor) > abs(amount_minor) or (vat_minor < 0 and amount_minor > 0) or (vat_minor > 0 and amount_minor < 0)
            then 'inconsistent_amount:vat'
        when order_id is not null and not is_plain_id(order_id) then 'bad_id:order_id'
        when order_id is not null and shop_channel is null then 'missing_value:channel'
    end as reject
from numbered
