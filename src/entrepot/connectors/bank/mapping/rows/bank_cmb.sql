-- One row per movement. The name on the other side has the account number behind it.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, coalesce(f.account, nullif(f.shop, 'own'), 'cmb') as bank_account,
        day_from_text(w."记账日期") as booked_on, cast(null as varchar) as clock, w."货币" as currency_word, c.currency,
        minor_from_decimal(ungrouped(w."交易金额", cast(c.digits as bigint)), cast(c.digits as bigint)) as amount_minor,
        minor_from_decimal(ungrouped(w."联机余额", cast(c.digits as bigint)), cast(c.digits as bigint)) as balance_minor,
        cast(null as bigint) as fee_minor, nullif(regexp_replace(w."对手信息", ' ?[0-9]{6,30}\z', '', 'g'), '') as counterparty,
        nullif(concat_ws(' ', w."交易摘要", w."客户摘要"), '') as reference
    from wire as w join files as f on w.raw_id = f.raw_id left join bank_currencies as c on w."货币" = c.word
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
        when currency is null then 'unknown_code:货币:' || coalesce(currency_word, '')
        when amount_minor is null then 'bad_money:交易金额'
        when balance_minor is null then 'bad_money:联机余额'
    end as reject
from cells
