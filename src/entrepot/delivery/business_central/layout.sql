-- Document No. has 20 characters, Description 100, External Document No. 35. The company's own currency has no code; a
-- line that is nothing in the journal's currency, such as an exchange difference, is one in the company's: a line without
-- an amount would not be posted.
select
    cast(file_line_no as bigint) as file_line_no,
    cast('GENERAL' as varchar) as "Journal Template Name",
    cast('DEFAULT' as varchar) as "Journal Batch Name",
    cast(cast(product_exact(file_line_no, 1000) as varchar) as varchar) as "Line No.",
    cast(cast(posted_on as varchar) as varchar) as "Posting Date",
    cast('' as varchar) as "Document Type",
    cast('EJ' || upper(journal_id) as varchar) as "Document No.",
    cast(substr(reference, 1, 35) as varchar) as "External Document No.",
    cast('G/L Account' as varchar) as "Account Type",
    cast(erp_account as varchar) as "Account No.",
    cast(substr(reference, 1, 100) as varchar) as "Description",
    cast(case when currency = functional_currency or is_nil then '' else currency_code end as varchar) as "Currency Code",
    cast(case when is_nil then functional_debit else debit end as varchar) as "Debit Amount",
    cast(case when is_nil then functional_credit else credit end as varchar) as "Credit Amount",
    cast(functional_signed as varchar) as "Amount (LCY)",
    cast(tax_code as varchar) as "VAT Prod. Posting Group",
    cast(dimension_1 as varchar) as "Shortcut Dimension 1 Code",
    cast(dimension_2 as varchar) as "Shortcut Dimension 2 Code"
from printed_lines
