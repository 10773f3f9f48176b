-- Journal lines with their amounts as decimal text, for layouts: debit and credit apart, in the journal's currency and
-- in the company's, and a text that says where the line comes from without a comma or a line end.
with scaled as (
    select l.*, o.scale as own_scale, o.digits as own_digits, f.scale as functional_scale, f.digits as functional_digits,
        abs(l.amount_minor) as own_abs, abs(l.functional_minor) as functional_abs,
        case when (l.is_debit and l.functional_minor < 0) or (not l.is_debit and l.functional_minor > 0) then '-' else '' end
            as functional_sign
    from exported_lines as l
    join currency_digits as o on l.currency = o.currency
    join currency_digits as f on l.functional_currency = f.currency
),
printed as (
    select *,
        cast(own_abs // own_scale as varchar)
            -- A width must be a literal, and currencies have 0, 2 or 3 digits.
            || case when own_digits = 2 then '.' || lpad(cast(own_abs % own_scale as varchar), 2, '0')
                    when own_digits = 3 then '.' || lpad(cast(own_abs % own_scale as varchar), 3, '0') else '' end as amount,
        functional_sign || cast(functional_abs // functional_scale as varchar)
            || case when functional_digits = 2 then '.' || lpad(cast(functional_abs % functional_scale as varchar), 2, '0')
                    when functional_digits = 3 then '.' || lpad(cast(functional_abs % functional_scale as varchar), 3, '0')
                    else '' end
            as functional_amount
    from scaled
)
select
    cast(journal_id as varchar) as journal_id,
    cast(journal_no as bigint) as journal_no,
    cast(line_no as bigint) as line_no,
    cast(row_number() over (order by entity_id, journal_no, line_no) as bigint) as file_line_no,
    cast(entity_id as varchar) as entity_id,
    cast(entity_code as varchar) as entity_code,
    cast(book as varchar) as book,
    cast(period as varchar) as period,
    cast(posted_on as date) as posted_on,
    cast(reference as varchar) as reference,
    cast(account as varchar) as account,
    cast(erp_account as varchar) as erp_account,
    cast(coalesce(erp_tax_code, '') as varchar) as tax_code,
    cast(dimension_1 as varchar) as dimension_1_kind,
    cast(dimension_2 as varchar) as dimension_2_kind,
    cast(dimension_3 as varchar) as dimension_3_kind,
    cast(coalesce(case dimension_1 when 'channel' then channel_code when 'shop' then shop_code when 'sku' then sku_code end, '') as varchar) as dimension_1,
    cast(coalesce(case dimension_2 when 'channel' then channel_code when 'shop' then shop_code when 'sku' then sku_code end, '') as varchar) as dimension_2,
    cast(coalesce(case dimension_3 when 'channel' then channel_code when 'shop' then shop_code when 'sku' then sku_code end, '') as varchar) as dimension_3,
    cast(coalesce(channel_code, '') as varchar) as channel_code,
    cast(coalesce(shop_code, '') as varchar) as shop_code,
    cast(coalesce(sku_code, '') as varchar) as sku_code,
    cast(currency as varchar) as currency,
    cast(currency_code as varchar) as currency_code,
    cast(functional_currency as varchar) as functional_currency,
    cast(functional_code as varchar) as functional_code,
    cast(is_debit as boolean) as is_debit,
    cast(is_nil as boolean) as is_nil,
    cast(is_difference as boolean) as is_difference,
    cast(case when is_debit then amount else '' end as varchar) as debit,
    cast(case when is_debit then '' else amount end as varchar) as credit,
    cast(case when is_debit or is_nil then amount else '-' || amount end as varchar) as signed,
    cast(amount as varchar) as amount,
    cast(case when is_debit then functional_amount else '' end as varchar) as functional_debit,
    cast(case when is_debit then '' else functional_amount end as varchar) as functional_credit,
    cast(case when is_debit then functional_amount
              when starts_with(functional_amount, '-') then substr(functional_amount, 2)
              when functional_minor = 0 then functional_amount
              else '-' || functional_amount end as varchar) as functional_signed,
    cast(cast(rate_e6 // 1000000 as varchar) || case when rate_e6 % 1000000 = 0 then ''
         else '.' || lpad(cast(rate_e6 % 1000000 as varchar), 6, '0') end as varchar) as rate
from printed
