-- Xiaohongshu's settlement of goods, one row per order and event. 动账金额 is what moved; what is left of it without the fees
-- is the sale or the refund. Some files write fees negative, some positive: of the two readings of 动账金额 = parts and
-- fees, the one that more rows of the file meet holds for the whole file, negative where neither does.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop,
        w."订单号" as order_id, w."售后单号" as after_sale_id, w."结算唯一ID" as unique_id, w."交易类型" as transaction_type,
        w."结算时间" as booked_text, instant_from_beijing(w."结算时间") as booked_at,
        fen_from_yuan(w."动账金额") as moved_minor, fen_from_yuan(coalesce(w."商品实付/实退", '0')) as goods_minor,
        fen_from_yuan(coalesce(w."运费实付/实退", '0')) as freight_minor,
        fen_from_yuan(coalesce(w."平台优惠补贴", '0')) as subsidy_minor,
        fen_from_yuan(coalesce(w."平台运费补贴", '0')) as freight_subsidy_minor,
        fen_from_yuan(coalesce(w."跨境税代缴", '0')) as tax_paid_minor,
        fen_from_yuan(coalesce(w."商品税金", '0')) as tax_minor, fen_from_yuan(coalesce(w."运费税金", '0')) as freight_tax_minor,
        fen_from_yuan(coalesce(w."佣金", '0')) as commission_minor, fen_from_yuan(coalesce(w."支付渠道费", '0')) as payment_minor,
        fen_from_yuan(coalesce(w."分销佣金", '0')) as affiliate_minor,
        fen_from_yuan(coalesce(w."代运营服务商佣金", '0')) as operator_minor,
        fen_from_yuan(coalesce(w."代开发服务商佣金", '0')) as developer_minor,
        fen_from_yuan(coalesce(w."花呗分期手续费", '0')) as instalment_minor,
        fen_from_yuan(coalesce(w."附加费", '0')) as extra_minor, fen_from_yuan(coalesce(w."国补订单毛保金额", '0')) as guarantee_minor,
        digest(concat_ws('|', w."订单号", coalesce(w."售后单号", ''), coalesce(w."履约单号", ''), coalesce(w."结算唯一ID", ''),
                         coalesce(w."交易类型", ''), coalesce(w."结算时间", ''), coalesce(w."动账金额", ''), coalesce(w."商品实付/实退", ''))) as content
    from wire as w join files as f on w.raw_id = f.raw_id
),
added as (
    select c.*, t.role, row_number() over (partition by c.raw_id, c.content order by c.row_no) as twin,
        dense_rank() over (partition by c.raw_id, c.unique_id order by c.content) as part_no,
        c.goods_minor + c.freight_minor + c.subsidy_minor + c.freight_subsidy_minor + c.tax_paid_minor + c.tax_minor
            + c.freight_tax_minor as parts_minor,
        c.commission_minor + c.payment_minor + c.affiliate_minor + c.operator_minor + c.developer_minor + c.instalment_minor
            + c.extra_minor + c.guarantee_minor as fees_minor
    from cells as c left join xiaohongshu_transactions as t on c.transaction_type = t.transaction_type
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
    raw_id, row_no, content || '-' || cast(twin as varchar) as row_key, order_id, role, shop, exported_at, booked_at, transaction_type,
    -- The platform's own number, where the statement has it, is that of the API too.
    order_id || ':' || case when unique_id is null then substr(content, 1, 12) || '-' || cast(twin as varchar)
                            when part_no = 1 then unique_id else unique_id || '-' || cast(part_no as varchar) end as line_id,
    moved_minor - product_exact(sg, fees_minor) as sale_minor,
    product_exact(sg, commission_minor) as commission_minor, product_exact(sg, payment_minor) as payment_minor,
    product_exact(sg, affiliate_minor) as affiliate_minor, product_exact(sg, operator_minor) as operator_minor,
    product_exact(sg, developer_minor) as developer_minor, product_exact(sg, instalment_minor) as instalment_minor,
    product_exact(sg, extra_minor) as extra_minor, product_exact(sg, guarantee_minor) as guarantee_minor,
    case
        when not is_plain_id(order_id) then 'bad_id:订单号'
        when booked_at is null then 'bad_time:结算时间'
        when moved_minor is null then 'bad_money:动账金额'
        when goods_minor is null then 'bad_money:商品实付/实退'
        when freight_minor is null then 'bad_money:运费实付/实退'
        when subsidy_minor is null then 'bad_money:平台优惠补贴'
        when freight_subsidy_minor is null then 'bad_money:平台运费补贴'
        when tax_paid_minor is null then 'bad_money:跨境税代缴'
        when tax_minor is null then 'bad_money:商品税金'
        when freight_tax_minor is null then 'bad_money:运费税金'
        when commission_minor is null then 'bad_money:佣金'
        when payment_minor is null then 'bad_money:支付渠道费'
        when affiliate_minor is null then 'bad_money:分销佣金'
        when operator_minor is null then 'bad_money:代运营服务商佣金'
        when developer_minor is null then 'bad_money:代开发服务商佣金'
        when instalment_minor is null then 'bad_money:花呗分期手续费'
        when extra_minor is null then 'bad_money:附加费'
        when guarantee_minor is null then 'bad_money:国补订单毛保金额'
        when role is null then 'unknown_code:交易类型:' || coalesce(transaction_type, '')
        -- Fees taken from a sale cannot add to it, nor can a refund bring money.
        when role = 'settled' and product_exact(sg, fees_minor) > 0 then 'inconsistent_amount:佣金'
        when role = 'refund' and moved_minor - product_exact(sg, fees_minor) > 0 then 'inconsistent_amount:动账金额'
    end as reject
from signed
