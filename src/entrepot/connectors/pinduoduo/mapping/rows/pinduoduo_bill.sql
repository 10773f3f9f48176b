-- Pinduoduo bill, one row per movement: income is positive, expense is written negative, the column decides. The code
-- before the bar says what it was. No line number: the cells and the count of their twins inside the file.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop,
        w."商户订单号" as order_id, w."账务类型" as bill_type, w."业务描述" as description,
        split_part(coalesce(w."业务描述", ''), '|', 1) as code,
        w."发生时间" as booked_text, instant_from_beijing(w."发生时间") as booked_at,
        fen_from_yuan(coalesce(w."收入金额（+元）", '0')) as income_minor,
        fen_from_yuan(coalesce(w."支出金额（-元）", '0')) as expense_minor,
        coalesce(w."备注", '') as remark
    from wire as w join files as f on w.raw_id = f.raw_id
),
digested as (
    -- A movement without an order could be the same in two shops: there the shop belongs to it.
    select *, abs(income_minor) - abs(expense_minor) as amount_minor,
        digest(concat_ws('|', coalesce(order_id, '@' || coalesce(shop, '')), coalesce(booked_text, ''),
                         coalesce(cast(income_minor as varchar), ''), coalesce(cast(expense_minor as varchar), ''),
                         coalesce(bill_type, ''), remark, coalesce(description, ''))) as content
    from cells
),
counted as (
    select *, row_number() over (partition by raw_id, content order by row_no) as twin from digested
)
select
    c.raw_id, c.row_no, c.content || '-' || cast(c.twin as varchar) as row_key,
    c.content || '-' || cast(c.twin as varchar) as line_id,
    c.order_id, c.shop, c.exported_at, c.booked_at, c.description, c.amount_minor,
    i.kind, i.fee_code, cast(i.vat_rate_bp as bigint) as vat_rate_bp,
    case
        when c.order_id is not null and not is_plain_id(c.order_id) then 'bad_id:商户订单号'
        when c.booked_at is null then 'bad_time:发生时间'
        when c.income_minor is null then 'bad_money:收入金额（+元）'
        when c.expense_minor is null then 'bad_money:支出金额（-元）'
        when i.code is null then 'unknown_code:业务描述:' || coalesce(c.description, '')
    end as reject
from counted as c left join pinduoduo_items as i on c.code = i.code
