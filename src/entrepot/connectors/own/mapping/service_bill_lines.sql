-- What a line says is part of its identity: two files that tell one bill differently leave both, and it is refused.
select
    cast('own:' || vendor || ':' || bill || ':' || cast(line_no as varchar) || ':'
         || digest(concat_ws('|', service, cast(on_day as varchar), currency, cast(amount_minor as varchar),
                             cast(vat_minor as varchar), coalesce(entity, ''), coalesce(shop_channel, ''), coalesce(shop, ''),
                             coalesce(order_id, ''))) as varchar) as bill_line_id,
    cast('own' as varchar) as channel,
    cast(month_in_utc(on_instant) as varchar) as month,
    cast(bill as varchar) as bill_no,
    cast(line_no as bigint) as line_no,
    cast(vendor as varchar) as vendor,
    cast(service as varchar) as service,
    cast(on_day as date) as billed_on,
    cast(currency as varchar) as currency,
    cast(amount_minor as bigint) as amount_minor,
    cast(vat_minor as bigint) as vat_minor,
    cast(entity as varchar) as entity_id,
    cast(shop_channel as varchar) as shop_channel,
    cast(shop as varchar) as shop,
    cast(order_id as varchar) as order_id,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, on_instant, exported_at, 0, raw_id, row_no) as varchar) as version
from own_service_bill
