-- One row per movement; a word says which side. The example names no currency: yuan [assumed].
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, coalesce(f.account, nullif(f.shop, 'own'), 'bocom') as bank_account,
        day_from_text(w."交易日期") as booked_on, w."交易时间" as clock, w."借贷" as side_word,
        case when s.side is not null then 'CNY' end as currency, w."借贷" as currency_word,
        product_exact(fen_from_yuan(ungrouped(w."交易金额", 2)), cast(s.sign as bigint)) as amount_minor,
        fen_from_yuan(ungrouped(w."余额", 2)) as balance_minor,
        cast(null as bigint) as fee_minor, w."对方户名" as counterparty, w."摘要" as reference
    from wire as w join files as f on w.raw_id = f.raw_id left join bank_sides as s on w."借贷" = s.side
)
select
    raw_id, row_no, exported_at, bank_account, booked_on, clock, currency, amount_minor, balance_minor, fee_minor, counterparty,
    reference,
    bank_account || '/' || digest(concat_ws('|', cast(booked_on as varchar), coalesce(clock, ''), currency, cast(amount_minor as varchar),
                                            coalesce(cast(balance_minor as varchar), ''), coalesce(counterparty, ''), coalesce(reference, '')))
        -- Two movements may be equal to the letter, balance included: they are counted.
        || '/' || cast(row_number() over (partition by raw_id, bank_account, booked_on, clock, currency, amount_minor, balance_minor,
                                                       counterparty, reference order by row_no) as varchar) as row_key,
    case
        when booked_on is null then 'bad_time:交易日期'
        when currency is null then 'unknown_code:借贷:' || coalesce(currency_word, '')
        when amount_minor is null then 'bad_money:交易金额'
        when balance_minor is null then 'bad_money:余额'
    end as reject
from cells
