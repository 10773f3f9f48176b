-- One row per movement: a signed amount, or what came in and what went out. `bank_fee` is what the bank kept of the amount
-- that was sent; the amount is what moved the account.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, w.bank_account, day_from_text(w.booked_on) as booked_on, cast(null as varchar) as clock,
        upper(w.currency) as currency_word, c.currency, w.counterparty, w.reference, w.line_id, w.balance, w.bank_fee,
        case when w.amount is not null and w.amount_in is null and w.amount_out is null
             then minor_from_decimal(ungrouped(w.amount, cast(c.digits as bigint)), cast(c.digits as bigint))
             when w.amount is null and (w.amount_in is not null or w.amount_out is not null)
             then minor_from_decimal(ungrouped(coalesce(w.amount_in, '0'), cast(c.digits as bigint)), cast(c.digits as bigint))
                  - minor_from_decimal(ungrouped(coalesce(w.amount_out, '0'), cast(c.digits as bigint)), cast(c.digits as bigint))
             end as amount_minor,
        minor_from_decimal(ungrouped(w.balance, cast(c.digits as bigint)), cast(c.digits as bigint)) as balance_minor,
        minor_from_decimal(ungrouped(w.bank_fee, cast(c.digits as bigint)), cast(c.digits as bigint)) as fee_minor
    from wire as w join files as f on w.raw_id = f.raw_id left join bank_currencies as c on upper(w.currency) = c.word
)
select
    raw_id, row_no, exported_at, bank_account, booked_on, clock, currency, amount_minor, balance_minor, fee_minor, counterparty,
    reference,
    bank_account || '/' || coalesce(line_id, digest(concat_ws('|', cast(booked_on as varchar), currency, cast(amount_minor as varchar),
                                                              coalesce(cast(balance_minor as varchar), ''),
                                                              coalesce(counterparty, ''), coalesce(reference, '')))
        || '/' || cast(row_number() over (partition by raw_id, bank_account, booked_on, currency, amount_minor, balance_minor,
                                                       counterparty, reference order by row_no) as varchar)) as row_key,
    case
        when bank_account is null then 'missing_value:bank_account'
        when booked_on is null then 'bad_time:booked_on'
        when currency is null then 'unknown_code:currency:' || coalesce(currency_word, '')
        when amount_minor is null then 'bad_money:amount'
        when balance is not null and balance_minor is null then 'bad_money:balance'
        when bank_fee is not null and coalesce(fee_minor, -1) < 0 then 'bad_money:bank_fee'
    end as reject
from cells
