-- Amounts are signed: debit positive. Lengths are those of the fields: XBLNR 16, BKTXT 25, SGTXT 50, ZUONR 18.
select
    cast(file_line_no as bigint) as file_line_no,
    cast(entity_code || '-' || lpad(cast(journal_no as varchar), 6, '0') as varchar) as "ID_ACCDOC",
    cast(entity_code as varchar) as "BUKRS",
    cast('SA' as varchar) as "BLART",
    cast(replace(cast(posted_on as varchar), '-', '') as varchar) as "BLDAT",
    cast(replace(cast(posted_on as varchar), '-', '') as varchar) as "BUDAT",
    cast(split_part(replace(period, '-P', '-'), '-', 2) as varchar) as "MONAT",
    cast(currency_code as varchar) as "WAERS",
    cast(upper(journal_id) as varchar) as "XBLNR",
    cast(substr(reference, 1, 25) as varchar) as "BKTXT",
    cast(erp_account as varchar) as "HKONT",
    cast(signed as varchar) as "WRBTR",
    cast(functional_signed as varchar) as "DMBTR",
    cast(substr(reference, 1, 50) as varchar) as "SGTXT",
    cast(substr(dimension_3, 1, 18) as varchar) as "ZUONR",
    cast(tax_code as varchar) as "MWSKZ",
    cast(dimension_1 as varchar) as "KOSTL",
    cast(dimension_2 as varchar) as "PRCTR"
from printed_lines
