-- Douyin's fund movements, one row per movement; with a balance where the export is that of the account. The scene says
-- what moved; where it is empty, the remark does, and the longest part of it that is listed wins. Direction decides the
-- sign, for amounts are written with a minus or without.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop,
        w."动账流水号" as flow_id, w."订单号" as order_id, w."子订单号" as sub_order_id, w."动账场景" as scene,
        w."动账方向" as direction, coalesce(w."备注", '') as remark,
        instant_from_beijing(w."动账时间") as booked_at,
        fen_from_yuan(w."动账金额") as written_minor,
        w."账户余额(元)" as balance_text, fen_from_yuan(w."账户余额(元)") as balance_minor
    from wire as w join files as f on w.raw_id = f.raw_id
),
coded as (
    select c.*, s.kind, s.fee_code, cast(s.vat_rate_bp as bigint) as vat_rate_bp, s.told_by_settlement
    from cells as c
    left join douyin_scenes as s
        on coalesce(c.scene, '') = coalesce(s.scene, '') and contains(c.remark, coalesce(s.remark_part, ''))
    qualify row_number() over (partition by c.raw_id, c.row_no order by length(coalesce(s.remark_part, '')) desc) = 1
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
    raw_id, row_no, flow_id as row_key, flow_id, order_id, sub_order_id, shop, exported_at, booked_at, statement_order,
    coalesce(scene, '备注') as scene, kind, fee_code, vat_rate_bp, coalesce(told_by_settlement, 'yes') = 'yes' as is_told_by_settlement,
    case when direction in ('出账', '支出') then -abs(written_minor) else written_minor end as amount_minor, balance_minor,
    case
        when not is_plain_id(flow_id) then 'bad_id:动账流水号'
        when order_id is not null and not is_plain_id(order_id) then 'bad_id:订单号'
        when sub_order_id is not null and not is_plain_id(sub_order_id) then 'bad_id:子订单号'
        when booked_at is null then 'bad_time:动账时间'
        when written_minor is null then 'bad_money:动账金额'
        when balance_text is not null and balance_minor is null then 'bad_money:账户余额(元)'
        when coalesce(direction, '') not in ('入账', '收入', '出账', '支出') then 'unknown_code:动账方向:' || coalesce(direction, '')
        when direction in ('入账', '收入') and written_minor < 0 then 'inconsistent_amount:动账金额'
        when kind is null then 'unknown_code:动账场景:' || coalesce(scene, '')
    end as reject
from ordered
