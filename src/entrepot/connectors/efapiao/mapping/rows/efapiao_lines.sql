-- One row per line of an invoice, in the order of the list. The rate is a percentage, or words for lines without tax.
with typed as (
    select
        w.raw_id, w.row_no, f.exported_at,
        coalesce(w."数电发票号码", w."发票代码" || '-' || w."发票号码", w."发票号码") as invoice_key,
        w."税收分类编码" as tax_code, w."货物或应税劳务名称" as title, w."税率" as rate_text,
        case when regexp_matches(w."税率", '\A[0-9]{1,2}([.][0-9]{1,2})?%\z') then fen_from_yuan(replace(w."税率", '%', ''))
             when regexp_matches(w."税率", '\A0([.][0-9]{1,4})?\z') then minor_from_decimal(w."税率", 2) * 100 end as vat_rate_bp,
        coalesce(w."税率" in ('免税', '不征税', '出口零税率', '普通零税率', '***'), true) as is_untaxed,
        fen_from_yuan(w."金额") as net_minor, fen_from_yuan(coalesce(w."税额", '0')) as tax_minor,
        instant_from_beijing(w."开票日期" || case when length(w."开票日期") <= 10 then ' 00:00:00' else '' end) as issued_at
    from wire as w join files as f on w.raw_id = f.raw_id
),
counted as (
    select *, row_number() over (partition by raw_id, invoice_key order by row_no) as line_no from typed
)
select
    raw_id, row_no, invoice_key || ':' || cast(line_no as varchar) as row_key, invoice_key, line_no, exported_at, tax_code, title,
    vat_rate_bp, net_minor, tax_minor, issued_at,
    case
        when invoice_key is null or not is_plain_id(invoice_key) then 'bad_id:数电发票号码'
        when issued_at is null then 'bad_time:开票日期'
        when net_minor is null then 'bad_money:金额'
        when tax_minor is null then 'bad_money:税额'
        when vat_rate_bp is null and not is_untaxed then 'unknown_code:税率:' || rate_text
    end as reject
from counted
