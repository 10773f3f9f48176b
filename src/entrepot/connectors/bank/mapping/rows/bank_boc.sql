-- One row per movement, newest first; the amount has its sign.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, coalesce(w."借记卡号", nullif(f.shop, 'own'), 'boc') as bank_account,
        day_from_text(w."记账日期") as booked_on, w."记账时间" as clock, w."币别" as currency_word, c.currency,
        minor_from_decimal(ungrouped(w."金额", cast(c.digits as bigint)), cast(c.digits as bigint)) as amount_minor,
        minor_from_decimal(ungrouped(w."余额", cast(c.digits as bigint)), cast(c.digits as bigint)) as balance_minor,
        cast(null as bigint) as fee_minor, w."对方账户名" as counterparty, w."附言" as reference
    from wire as w join files as f on w.raw_id = f.raw_id left join bank_currencies as c on w."币别" = c.word
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
        when booked_on is null then 'bad_time:记账日期'
        when currency is null then 'unknown_code:币别:' || coalesce(currency_word, '')
        when amount_minor is null then 'bad_money:金额'
        when balance_minor is null then 'bad_money:余额'
    end as reject
from cells
