-- Movements of every statement. Some banks print the newest first: a file is read in the direction in which more of its
-- balances follow from the one before; where none says, by its days.
with lines as (
    select row_key, raw_id, row_no, exported_at, bank_account, booked_on, currency, amount_minor, balance_minor, fee_minor, counterparty, reference from bank_boc
    union all
    select row_key, raw_id, row_no, exported_at, bank_account, booked_on, currency, amount_minor, balance_minor, fee_minor, counterparty, reference from bank_bocom
    union all
    select row_key, raw_id, row_no, exported_at, bank_account, booked_on, currency, amount_minor, balance_minor, fee_minor, counterparty, reference from bank_cmb
    union all
    select row_key, raw_id, row_no, exported_at, bank_account, booked_on, currency, amount_minor, balance_minor, fee_minor, counterparty, reference from bank_icbc
    union all
    select row_key, raw_id, row_no, exported_at, bank_account, booked_on, currency, amount_minor, balance_minor, fee_minor, counterparty, reference from bank_hsbc_hk
    union all
    select row_key, raw_id, row_no, exported_at, bank_account, booked_on, currency, amount_minor, balance_minor, fee_minor, counterparty, reference from bank_statement
),
neighbours as (
    select *,
        lag(balance_minor) over (partition by raw_id, bank_account, currency order by row_no) as above_minor,
        lead(balance_minor) over (partition by raw_id, bank_account, currency order by row_no) as below_minor,
        lag(booked_on) over (partition by raw_id, bank_account, currency order by row_no) as above_on
    from lines
),
votes as (
    select raw_id, bank_account, currency,
        sum_exact(case when balance_minor = above_minor + amount_minor then 1 else 0 end) as down,
        sum_exact(case when balance_minor = below_minor + amount_minor then 1 else 0 end) as up,
        sum_exact(case when booked_on > above_on then 1 else 0 end) as days_down,
        sum_exact(case when booked_on < above_on then 1 else 0 end) as days_up
    from neighbours group by raw_id, bank_account, currency
)
select
    cast(l.bank_account as varchar) as bank_account,
    cast(l.row_key as varchar) as bank_line_id,
    cast('own' as varchar) as channel,
    cast(substr(cast(l.booked_on as varchar), 1, 7) as varchar) as month,
    cast(l.booked_on as date) as booked_on,
    cast(case when v.up > v.down or (v.up = v.down and v.days_up > v.days_down) then -l.row_no else l.row_no end as bigint) as statement_order,
    cast(l.currency as varchar) as currency,
    cast(l.amount_minor as bigint) as amount_minor,
    cast(l.fee_minor as bigint) as fee_minor,
    cast(l.balance_minor as bigint) as balance_minor,
    cast(l.counterparty as varchar) as counterparty,
    cast(l.reference as varchar) as reference,
    cast(l.raw_id as varchar) as raw_id,
    cast(l.row_no as bigint) as row_no,
    cast(row_version(null, null, l.exported_at, 0, l.raw_id, l.row_no) as varchar) as version
from lines as l
join votes as v on l.raw_id = v.raw_id and l.bank_account = v.bank_account and l.currency = v.currency
