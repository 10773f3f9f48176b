-- Every column of a journal line, one line each.
select
    cast(file_line_no as bigint) as file_line_no,
    cast(journal_id as varchar) as journal,
    cast(journal_no as varchar) as number,
    cast(line_no as varchar) as line,
    cast(entity_code as varchar) as entity,
    cast(book as varchar) as book,
    cast(period as varchar) as period,
    cast(cast(posted_on as varchar) as varchar) as date,
    cast(reference as varchar) as reference,
    cast(erp_account as varchar) as account,
    cast(tax_code as varchar) as tax_code,
    cast(channel_code as varchar) as channel,
    cast(shop_code as varchar) as shop,
    cast(sku_code as varchar) as sku,
    cast(currency_code as varchar) as currency,
    cast(debit as varchar) as debit,
    cast(credit as varchar) as credit,
    cast(functional_currency as varchar) as functional_currency,
    cast(functional_debit as varchar) as functional_debit,
    cast(functional_credit as varchar) as functional_credit
from printed_lines
