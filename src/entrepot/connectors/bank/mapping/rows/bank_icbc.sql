-- One row per movement; what came in and what went out stand in two columns.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, coalesce(f.account, nullif(f.shop, 'own'), 'icbc') as bank_account,
        day_from_text(w."交易日期") as booked_on, cast(null as varchar) as clock, w."记账币种" as currency_word, c.currency,
        case when w."记账金额(收入)" is not null and w."记账金额(支出)" is null
             then minor_from_decimal(ungrouped(w."记账金额(收入)", cast(c.digits as bigint)), cast(c.digits as bigint))
             when w."记账金额(收入)" is null and w."记账金额(支出)" is not null
             then -minor_from_decimal(ungrouped(w."记账金额(支出)", cast(c.digits as bigint)), cast(c.digits as bigint))
             end as amount_minor,
        minor_from_decimal(ungrouped(w."余额", cast(c.digits as bigint)), cast(c.digits as bigint)) as balance_minor,
        cast(null as bigint) as fee_minor, w."对方户名" as counterparty,
        nullif(concat_ws(' ', w."摘要", w."交易详情"), '') as reference
    from wire as w join files as f on w.raw_id = f.raw_id left join bank_currencies as c on w."记账币种" = c.word
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
        when currency is null then 'unknown_code:记账币种:' || coalesce(currency_word, '')
        when amount_minor is null then 'bad_money:记账金额(收入)'
        when balance_minor is null then 'bad_money:余额'
    end as reject
from cells
