-- 凭证字号 is FGROUP and FNUM, 科目 is FACCTID, 辅助核算 are up to three pairs of 核算项目 class and code. FFCYAMT is in the
-- voucher's currency, FDEBIT and FCREDIT in the company's. FEXP has 80 characters; FENTRYID counts from 0.
with classes as (
    select l.*,
        case when l.dimension_1_kind is not null then coalesce(a.theirs, case l.dimension_1_kind when 'channel' then '渠道' when 'shop' then '店铺' else '商品' end) else '' end as class_1,
        case when l.dimension_2_kind is not null then coalesce(b.theirs, case l.dimension_2_kind when 'channel' then '渠道' when 'shop' then '店铺' else '商品' end) else '' end as class_2,
        case when l.dimension_3_kind is not null then coalesce(c.theirs, case l.dimension_3_kind when 'channel' then '渠道' when 'shop' then '店铺' else '商品' end) else '' end as class_3
    from printed_lines as l
    left join value_map as a on a.kind = 'dimension' and l.dimension_1_kind = a.ours
    left join value_map as b on b.kind = 'dimension' and l.dimension_2_kind = b.ours
    left join value_map as c on c.kind = 'dimension' and l.dimension_3_kind = c.ours
)
select
    cast(file_line_no as bigint) as file_line_no,
    cast(cast(posted_on as varchar) as varchar) as "FDATE",
    cast(cast(posted_on as varchar) as varchar) as "FTRANSDATE",
    cast(cast(cast(split_part(replace(period, '-P', '-'), '-', 2) as bigint) as varchar) as varchar) as "FPERIOD",
    cast('记' as varchar) as "FGROUP",
    cast(cast(journal_no as varchar) as varchar) as "FNUM",
    cast(cast(line_no - 1 as varchar) as varchar) as "FENTRYID",
    cast(substr(reference, 1, 80) as varchar) as "FEXP",
    cast(erp_account as varchar) as "FACCTID",
    cast(case when dimension_1 <> '' then class_1 else '' end as varchar) as "FCLSNAME1",
    cast(dimension_1 as varchar) as "FOBJID1",
    cast(dimension_1 as varchar) as "FOBJNAME1",
    cast(case when dimension_2 <> '' then class_2 else '' end as varchar) as "FCLSNAME2",
    cast(dimension_2 as varchar) as "FOBJID2",
    cast(dimension_2 as varchar) as "FOBJNAME2",
    cast(case when dimension_3 <> '' then class_3 else '' end as varchar) as "FCLSNAME3",
    cast(dimension_3 as varchar) as "FOBJID3",
    cast(dimension_3 as varchar) as "FOBJNAME3",
    cast(journal_id as varchar) as "FTRANSID",
    cast(currency_code as varchar) as "FCYID",
    cast(rate as varchar) as "FEXCHRATE",
    cast(case when is_debit then '1' else '0' end as varchar) as "FDC",
    cast(amount as varchar) as "FFCYAMT",
    cast('' as varchar) as "FQTY",
    cast('' as varchar) as "FPRICE",
    cast(case when is_debit then functional_debit else '0' end as varchar) as "FDEBIT",
    cast(case when is_debit then '0' else functional_credit end as varchar) as "FCREDIT",
    cast('' as varchar) as "FSETTLCODE",
    cast('' as varchar) as "FSETTLENO",
    cast('entrepot' as varchar) as "FPREPARE",
    cast('' as varchar) as "FMODULE",
    cast('' as varchar) as "FDELETED"
from classes
