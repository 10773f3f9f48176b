-- One row per movement, day first (25/03/2025); the description is the only word about the other side.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, coalesce(f.account, nullif(f.shop, 'own'), 'hsbc_hk') as bank_account,
        case when regexp_matches(w."Date", '\A[0-3][0-9]/[01][0-9]/[12][0-9]{3}\z')
             then day_from_text(substr(w."Date", 7, 4) || '-' || substr(w."Date", 4, 2) || '-' || substr(w."Date", 1, 2)) end as booked_on,
        cast(null as varchar) as clock, w."Billing currency" as currency_word, c.currency,
        minor_from_decimal(ungrouped(w."Billing amount", cast(c.digits as bigint)), cast(c.digits as bigint)) as amount_minor,
        minor_from_decimal(ungrouped(case when w."Balance currency" = w."Billing currency" then w."Balance" end,
                                     cast(c.digits as bigint)), cast(c.digits as bigint)) as balance_minor,
        cast(null as bigint) as fee_minor, w."Description" as counterparty, w."Description" as reference
    from wire as w join files as f on w.raw_id = f.raw_id left join bank_currencies as c on w."Billing currency" = c.word
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
        when booked_on is null then 'bad_time:Date'
        when currency is null then 'unknown_code:Billing currency:' || coalesce(currency_word, '')
        when amount_minor is null then 'bad_money:Billing amount'
        when balance_minor is null then 'bad_money:Balance'
    end as reject
from cells
