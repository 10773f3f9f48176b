-- Alipay's settlement of its global business, one row per payment or refund. Amount, fee and settlement are in the settlement
-- currency; where the file has them, Rmb_amount and Rmb_settlement say the same in yuan, at Alipay's rate. The type decides
-- the sign. The fee is what lies between amount and settlement; Fee must say the same.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, contains(f.column_set, '|Rmb_amount|') and contains(f.column_set, '|Rmb_settlement|') as has_yuan,
        w."Partner_transaction_id" as partner_id, w."Original_partner_transaction_ID" as original_id,
        w."Transaction_id" as transaction_id, w."Type" as transaction_type, w."Status" as status, w."Currency" as currency,
        w."Amount" as amount_text, w."Fee" as fee_text, w."Settlement" as settlement_text,
        abs(fen_from_yuan(w."Rmb_amount")) as yuan_minor, abs(fen_from_yuan(w."Rmb_settlement")) as yuan_net_minor,
        -- Hong Kong writes the month first.
        instant_from_beijing(case when regexp_matches(w."Settlement_time", '\A[0-9]{1,2}/[0-9]{1,2}/[0-9]{4} ')
                                  then substr(split_part(w."Settlement_time", '/', 3), 1, 4) || '/' || split_part(w."Settlement_time", '/', 1) || '/'
                                       || split_part(w."Settlement_time", '/', 2) || substr(split_part(w."Settlement_time", '/', 3), 5)
                                  else w."Settlement_time" end) as booked_at
    from wire as w join files as f on w.raw_id = f.raw_id
),
typed as (
    select c.*, t.role, z.digits, case when t.role = 'refund' then -1 else 1 end as sg,
        -- A refund has a number of its own, which may be built as that of the sale; digits alone may be anything.
        coalesce(c.original_id,
                 case when t.role = 'payment' or regexp_matches(c.partner_id, '\AT[0-9]+P[0-9]+\z') then c.partner_id end) as sold_id,
        abs(minor_from_decimal(c.amount_text, cast(z.digits as bigint))) as gross_minor,
        abs(minor_from_decimal(c.fee_text, cast(z.digits as bigint))) as stated_fee_minor,
        abs(minor_from_decimal(c.settlement_text, cast(z.digits as bigint))) as net_minor
    from cells as c
    left join alipay_transaction_types as t on c.transaction_type = t.transaction_type
    left join alipay_currencies as z on c.currency = z.currency
)
select
    raw_id, row_no, concat_ws('|', transaction_id, partner_id, role) as row_key,
    concat_ws(':', transaction_id, partner_id, role) as line_id,
    case when regexp_matches(sold_id, '\AT[0-9]+P[0-9]+\z') then split_part(sold_id, 'P', 2)
         when regexp_matches(sold_id, '\A[0-9]+\z') then sold_id end as order_id,
    shop, exported_at, booked_at, role, transaction_type, currency, has_yuan,
    product_exact(sg, case when has_yuan then yuan_minor else gross_minor end) as sale_minor,
    product_exact(sg, case when has_yuan then yuan_net_minor - yuan_minor else net_minor - gross_minor end) as fee_minor,
    product_exact(sg, yuan_net_minor) as yuan_net_minor, product_exact(sg, net_minor) as net_minor,
    case
        when not is_plain_id(transaction_id) then 'bad_id:Transaction_id'
        when partner_id is null then 'bad_id:Partner_transaction_id'
        when booked_at is null then 'bad_time:Settlement_time'
        when digits is null then 'unknown_code:Currency:' || coalesce(currency, '')
        when gross_minor is null then 'bad_money:Amount'
        when stated_fee_minor is null then 'bad_money:Fee'
        when net_minor is null then 'bad_money:Settlement'
        when has_yuan and yuan_minor is null then 'bad_money:Rmb_amount'
        when has_yuan and yuan_net_minor is null then 'bad_money:Rmb_settlement'
        when abs(net_minor - gross_minor) <> stated_fee_minor then 'inconsistent_amount:Fee'
        when role is null then 'unknown_code:Type:' || coalesce(transaction_type, '')
        when coalesce(status, '') not in ('L', 'SETTLED') then 'unknown_code:Status:' || coalesce(status, '')
    end as reject
from typed
