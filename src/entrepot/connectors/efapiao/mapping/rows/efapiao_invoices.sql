-- One row per invoice. A red invoice says in its remark which one it takes back; some remarks name an order.
with typed as (
    select
        w.raw_id, w.row_no, f.exported_at,
        coalesce(w."数电发票号码", w."发票代码" || '-' || w."发票号码", w."发票号码") as invoice_key,
        w."销方识别号" as seller_tax_no, w."销方名称" as seller_name, w."购方识别号" as buyer_tax_no, w."购买方名称" as buyer_name,
        w."发票票种" as platform_kind, w."发票状态" as status, w."是否正数发票" as positive,
        case w."是否正数发票" when '是' then 'no' when '否' then 'yes' end as is_red,
        regexp_extract(coalesce(w."备注", ''), '被红冲蓝字[^：:]*发票号码[：:] ?([0-9]{8,20})', 1) as corrects,
        regexp_extract(coalesce(w."备注", ''), '订单(号|编号|号码)?[：:] ?([0-9A-Za-z-]{8,40})', 2) as order_word,
        fen_from_yuan(w."金额") as net_minor, fen_from_yuan(w."税额") as tax_minor, fen_from_yuan(w."价税合计") as gross_minor,
        instant_from_beijing(w."开票日期" || case when length(w."开票日期") <= 10 then ' 00:00:00' else '' end) as issued_at
    from wire as w join files as f on w.raw_id = f.raw_id
)
select
    t.raw_id, t.row_no, t.invoice_key as row_key, t.invoice_key, t.exported_at, t.seller_tax_no, t.seller_name, t.buyer_tax_no,
    t.buyer_name, t.platform_kind, s.state, cast(coalesce(s.state_rank, '0') as bigint) as state_rank, t.status, t.is_red, case when t.corrects <> '' then t.corrects end as corrects_key,
    case when t.order_word <> '' then t.order_word end as order_id, t.net_minor, t.tax_minor, t.gross_minor, t.issued_at,
    case
        when t.invoice_key is null or not is_plain_id(t.invoice_key) then 'bad_id:数电发票号码'
        when t.issued_at is null then 'bad_time:开票日期'
        when t.net_minor is null then 'bad_money:金额'
        when t.tax_minor is null then 'bad_money:税额'
        when t.gross_minor is null then 'bad_money:价税合计'
        when t.net_minor + t.tax_minor <> t.gross_minor then 'inconsistent_amount:价税合计'
        when t.is_red is null then 'unknown_code:是否正数发票:' || coalesce(t.positive, '')
        when (t.is_red = 'yes' and t.gross_minor > 0) or (t.is_red = 'no' and t.gross_minor < 0) then 'inconsistent_amount:是否正数发票'
        when s.state is null then 'unknown_code:发票状态:' || coalesce(t.status, '')
    end as reject
from typed as t left join efapiao_states as s on t.status = s.status
