-- Settlements by API, one row per settled transaction of finance.pageQueryTransaction, read as the statement of goods is: what
-- moved without its fees is the sale or the refund, and of two signs of fees the one that more rows of a page meet holds.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, w.transactionId as unique_id, w.packageId as order_id, w.settleBizType as type_code,
        coalesce(w.commonSettleStatus, '1') as settle_code,
        case when regexp_matches(w.settledTime, '\A[1-9][0-9]{12}\z') then to_timestamp(cast(left(w.settledTime, 10) as bigint)) end as booked_at,
        fen_from_yuan(w.amount) as moved_minor,
        fen_from_yuan(coalesce(w.payAmount, '0')) as goods_minor, fen_from_yuan(coalesce(w.freightAmount, '0')) as freight_minor,
        fen_from_yuan(coalesce(w.appPromotion, '0')) as subsidy_minor,
        fen_from_yuan(coalesce(w.freightAppPromotion, '0')) as freight_subsidy_minor,
        fen_from_yuan(coalesce(w.taxAmount, '0')) as tax_minor, fen_from_yuan(coalesce(w.freightTaxAmount, '0')) as freight_tax_minor,
        fen_from_yuan(coalesce(w.commissionAmount, '0')) as commission_minor,
        fen_from_yuan(coalesce(w.payChannelAmount, '0')) as payment_minor, fen_from_yuan(coalesce(w.cpsAmount, '0')) as affiliate_minor,
        fen_from_yuan(coalesce(w.installmentAmount, '0')) as instalment_minor, fen_from_yuan(coalesce(w.extraAmount, '0')) as extra_minor
    from wire as w join files as f on w.raw_id = f.raw_id
),
added as (
    select c.*, k.transaction_type, t.role,
        c.goods_minor + c.freight_minor + c.subsidy_minor + c.freight_subsidy_minor + c.tax_minor + c.freight_tax_minor as parts_minor,
        c.commission_minor + c.payment_minor + c.affiliate_minor + c.instalment_minor + c.extra_minor as fees_minor
    from cells as c
    left join xiaohongshu_settle_types as k on c.type_code = k.code
    left join xiaohongshu_transactions as t on k.transaction_type = t.transaction_type
),
tested as (
    select *,
        sum_exact(case when fees_minor <> 0 and moved_minor = parts_minor + fees_minor then 1 else 0 end)
            over (partition by raw_id) as signed_rows,
        sum_exact(case when fees_minor <> 0 and moved_minor = parts_minor - fees_minor then 1 else 0 end)
            over (partition by raw_id) as unsigned_rows
    from added
),
signed as (select *, case when unsigned_rows > signed_rows then -1 else 1 end as sg from tested)
select
    raw_id, row_no, unique_id as row_key, order_id, role, shop, exported_at, booked_at, transaction_type,
    order_id || ':' || unique_id as line_id,
    moved_minor - product_exact(sg, fees_minor) as sale_minor,
    product_exact(sg, commission_minor) as commission_minor, product_exact(sg, payment_minor) as payment_minor,
    product_exact(sg, affiliate_minor) as affiliate_minor, product_exact(sg, instalment_minor) as instalment_minor,
    product_exact(sg, extra_minor) as extra_minor,
    case
        when not is_plain_id(unique_id) then 'bad_id:transactionId'
        when not is_plain_id(order_id) then 'bad_id:packageId'
        when booked_at is null then 'bad_time:settledTime'
        when moved_minor is null then 'bad_money:amount'
        when goods_minor is null then 'bad_money:payAmount'
        when freight_minor is null then 'bad_money:freightAmount'
        when subsidy_minor is null then 'bad_money:appPromotion'
        when freight_subsidy_minor is null then 'bad_money:freightAppPromotion'
        when tax_minor is null then 'bad_money:taxAmount'
        when freight_tax_minor is null then 'bad_money:freightTaxAmount'
        when commission_minor is null then 'bad_money:commissionAmount'
        when payment_minor is null then 'bad_money:payChannelAmount'
        when affiliate_minor is null then 'bad_money:cpsAmount'
        when instalment_minor is null then 'bad_money:installmentAmount'
        when extra_minor is null then 'bad_money:extraAmount'
        when role is null then 'unknown_code:settleBizType:' || coalesce(type_code, '')
        when settle_code <> '1' then 'unknown_code:commonSettleStatus:' || settle_code
        -- Fees taken from a sale cannot add to it, nor can a refund bring money.
        when role = 'settled' and product_exact(sg, fees_minor) > 0 then 'inconsistent_amount:commissionAmount'
        when role = 'refund' and moved_minor - product_exact(sg, fees_minor) > 0 then 'inconsistent_amount:amount'
    end as reject
from signed
