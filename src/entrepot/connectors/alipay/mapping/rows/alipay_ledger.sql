-- Alipay ledger, one row per movement. The business type and the beginning of the remark say what it was; the longest
-- matching beginning wins. Income and expense are unsigned or signed by generation: the column decides, not the sign.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, f.account,
        w."账务流水号" as flow_id, w."商户订单号" as merchant_order, w."业务基础订单号" as base_order,
        w."业务类型" as business_type, coalesce(w."备注", '') as remark,
        w."发生时间" as booked_text, instant_from_beijing(w."发生时间") as booked_at,
        fen_from_yuan(coalesce(w."收入金额（+元）", '0')) as income_minor,
        fen_from_yuan(coalesce(w."支出金额（-元）", '0')) as expense_minor,
        fen_from_yuan(w."账户余额（元）") as balance_minor, w."账户余额（元）" as balance_text
    from wire as w join files as f on w.raw_id = f.raw_id
),
coded as (
    select c.*, i.kind, i.fee_code, cast(i.vat_rate_bp as bigint) as vat_rate_bp
    from cells as c
    left join alipay_items as i
        on c.business_type = i.business_type and starts_with(c.remark, coalesce(i.remark_prefix, ''))
    qualify row_number() over (partition by c.raw_id, c.row_no order by length(coalesce(i.remark_prefix, '')) desc) = 1
),
ordered as (
    -- Exports come oldest first or newest first; the statement order runs with the time of the file's ends, which are
    -- its first and last row with a time: a broken row at an end turns nothing around.
    select *,
        case when first_value(booked_at) over (partition by raw_id
                                               order by case when booked_at is null then 1 else 0 end, row_no)
                  <= first_value(booked_at) over (partition by raw_id
                                                  order by case when booked_at is null then 1 else 0 end, row_no desc)
             then row_no else -row_no end as statement_order
    from coded
)
select
    raw_id, row_no, flow_id as row_key, flow_id, shop, exported_at, booked_at, statement_order,
    coalesce(account, shop, 'unknown') as account,
    case when regexp_matches(coalesce(merchant_order, ''), '\AT[0-9]+P[0-9]+\z') then split_part(merchant_order, 'P', 2)
         when kind in ('order_income', 'order_refund', 'fee') and regexp_matches(coalesce(merchant_order, ''), '\A[0-9]+\z')
              then merchant_order
         when kind in ('order_income', 'order_refund', 'fee') and regexp_matches(base_order, '\A[0-9]+\z') then base_order
    end as order_id,
    kind, fee_code, vat_rate_bp, business_type,
    abs(income_minor) - abs(expense_minor) as amount_minor, balance_minor,
    case
        when not is_plain_id(flow_id) then 'bad_id:账务流水号'
        when booked_at is null then 'bad_time:发生时间'
        when income_minor is null then 'bad_money:收入金额（+元）'
        when expense_minor is null then 'bad_money:支出金额（-元）'
        when balance_text is not null and balance_minor is null then 'bad_money:账户余额（元）'
        when kind is null then 'unknown_code:业务类型:' || coalesce(business_type, '')
    end as reject
from ordered
