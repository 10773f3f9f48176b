-- One row per line; the header's columns stand on every row, as the import groups rows by External ID. NetSuite makes the
-- company's amounts from the journal's rate, so what is an amount in the company's currency alone, such as an exchange
-- difference, is a journal in that currency beside the other.
select
    cast(file_line_no as bigint) as file_line_no,
    cast('EJ-' || journal_id || case when is_difference then '-FX' else '' end as varchar) as "External ID",
    cast(cast(posted_on as varchar) as varchar) as "Date",
    cast(entity_code as varchar) as "Subsidiary",
    cast(case when is_difference then functional_code else currency_code end as varchar) as "Currency",
    cast(case when is_difference then '1' else rate end as varchar) as "Exchange Rate",
    cast(reference as varchar) as "Memo",
    cast(erp_account as varchar) as "Account",
    cast(case when is_difference then functional_debit else debit end as varchar) as "Debit",
    cast(case when is_difference then functional_credit else credit end as varchar) as "Credit",
    cast(tax_code as varchar) as "Tax Code",
    cast(reference as varchar) as "Line Memo",
    cast(dimension_1 as varchar) as "Department",
    cast(dimension_2 as varchar) as "Class",
    cast(dimension_3 as varchar) as "Location"
from printed_lines
