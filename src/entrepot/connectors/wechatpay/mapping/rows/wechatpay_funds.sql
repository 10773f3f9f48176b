-- WeChat Pay fund flow, one row per movement with the balance after it. Payments, refunds and fees stand in the trade
-- bill too: here they move the wallet only.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop,
        w."资金流水单号" as flow_id, w."业务类型" as business_type, w."收支类型" as direction,
        instant_from_beijing(w."记账时间") as booked_at,
        fen_from_yuan(w."收支金额（元）") as written_minor, fen_from_yuan(w."账户结余（元）") as balance_minor
    from wire as w join files as f on w.raw_id = f.raw_id
),
coded as (
    select c.*, b.kind, b.told_by_trades
    from cells as c left join wechatpay_flows as b on c.business_type = b.business_type
),
ordered as (
    -- Oldest first or newest first: the file's ends, which are its first and last row with a time, decide.
    select *,
        case when first_value(booked_at) over (partition by raw_id
                                               order by case when booked_at is null then 1 else 0 end, row_no)
                  <= first_value(booked_at) over (partition by raw_id
                                                  order by case when booked_at is null then 1 else 0 end, row_no desc)
             then row_no else -row_no end as statement_order
    from coded
)
select
    raw_id, row_no, flow_id as row_key, flow_id, shop, exported_at, booked_at, statement_order, business_type, kind,
    coalesce(told_by_trades, 'yes') = 'yes' as is_told_by_trades,
    case when direction = '支出' then -abs(written_minor) else abs(written_minor) end as amount_minor, balance_minor,
    case
        when not is_plain_id(flow_id) then 'bad_id:资金流水单号'
        when booked_at is null then 'bad_time:记账时间'
        when written_minor is null then 'bad_money:收支金额（元）'
        when balance_minor is null then 'bad_money:账户结余（元）'
        when coalesce(direction, '') not in ('收入', '支出') then 'unknown_code:收支类型:' || coalesce(direction, '')
        when kind is null then 'unknown_code:业务类型:' || coalesce(business_type, '')
    end as reject
from ordered
