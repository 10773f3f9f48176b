-- Date, word and number name the voucher; 科目, then 辅助核算 by their own columns. Amounts are in the company's currency,
-- 外币 in the voucher's where that is another. Nothing is quoted, so codes lose their commas. 摘要 has 60 characters.
with clean as (
    select *, regexp_replace(erp_account, '[,\r\n]', '', 'g') as account_code,
        regexp_replace(shop_code, '[,\r\n]', ' ', 'g') as department,
        regexp_replace(channel_code, '[,\r\n]', ' ', 'g') as customer,
        regexp_replace(sku_code, '[,\r\n]', ' ', 'g') as project
    from printed_lines
)
select
    cast(file_line_no as bigint) as file_line_no,
    cast(cast(posted_on as varchar) as varchar) as "制单日期",
    cast('记' as varchar) as "凭证类别字",
    cast(cast(journal_no as varchar) as varchar) as "业务号",
    cast('0' as varchar) as "附单据数",
    cast(substr(reference, 1, 60) as varchar) as "摘要",
    cast(account_code as varchar) as "科目编码",
    cast(case when is_debit then functional_debit else '0' end as varchar) as "金额借方",
    cast(case when is_debit then '0' else functional_credit end as varchar) as "金额贷方",
    cast('0' as varchar) as "数量",
    cast(case when currency = functional_currency then '0' else amount end as varchar) as "外币",
    cast(case when currency = functional_currency then '0' else rate end as varchar) as "汇率",
    cast('entrepot' as varchar) as "制单人",
    cast('' as varchar) as "结算方式编码",
    cast('' as varchar) as "票号",
    cast('' as varchar) as "票号发生日期",
    cast(department as varchar) as "部门编码",
    cast('' as varchar) as "个人编码",
    cast(customer as varchar) as "客户编码",
    cast('' as varchar) as "供应商编码",
    cast('' as varchar) as "业务员",
    cast(project as varchar) as "项目编码"
from clean
