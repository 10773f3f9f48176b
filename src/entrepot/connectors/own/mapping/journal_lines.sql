-- What a line says is part of its identity: two files that tell one journal differently leave both, and it is refused.
select
    cast('own:' || journal || ':' || cast(line_no as varchar) || ':'
         || digest(concat_ws('|', kind, cast(on_day as varchar), coalesce(entity, ''), account, currency,
                             cast(amount_minor as varchar), coalesce(shop_channel, ''), coalesce(shop, ''),
                             coalesce(sku_id, ''), coalesce(wallet, ''))) as varchar) as journal_line_id,
    cast('own' as varchar) as channel,
    cast(month_in_utc(on_instant) as varchar) as month,
    cast(journal as varchar) as journal_id,
    cast(line_no as bigint) as line_no,
    cast(kind as varchar) as kind,
    cast(entity as varchar) as entity_id,
    cast(on_day as date) as accounting_date,
    cast(account as varchar) as account,
    cast(currency as varchar) as currency,
    cast(amount_minor as bigint) as amount_minor,
    cast(shop_channel as varchar) as shop_channel,
    cast(shop as varchar) as shop,
    cast(sku_id as varchar) as sku_id,
    cast(wallet as varchar) as wallet_id,
    cast(reason as varchar) as reason,
    cast(prepared_by as varchar) as prepared_by,
    cast(approved_by as varchar) as approved_by,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, on_instant, exported_at, 0, raw_id, row_no) as varchar) as version
from own_journal
