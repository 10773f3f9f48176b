-- One row per line; the header's columns stand on every row, as the import groups rows by External ID.
select
    cast(file_line_no as bigint) as file_line_no,
    cast('EJ-' || journal_id as varchar) as "External ID",
    cast(cast(posted_on as varchar) as varchar) as "Date",
    cast(entity_code as varchar) as "Subsidiary",
    cast(currency_code as varchar) as "Currency",
    cast(rate as varchar) as "Exchange Rate",
    cast(reference as varchar) as "Memo",
    cast(erp_account as varchar) as "Account",
    cast(debit as varchar) as "Debit",
    cast(credit as varchar) as "Credit",
    cast(tax_code as varchar) as "Tax Code",
    cast(reference as varchar) as "Line Memo",
    cast(dimension_1 as varchar) as "Department",
    cast(dimension_2 as varchar) as "Class",
    cast(dimension_3 as varchar) as "Location"
from printed_lines
