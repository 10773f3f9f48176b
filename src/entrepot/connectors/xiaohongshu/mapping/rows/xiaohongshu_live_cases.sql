-- After-sale cases by API, one row per answer of afterSale.getAfterSaleInfo. A case that is done is not money returned: an
-- exchange is done too. Amounts are yuan here, where orders have fen.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, w.returnsId as case_id, w.orderId as order_id, w.returnType as type_code,
        w.status as code, w.refundStatus as refund_code, w.skus,
        case when regexp_matches(w.applyTime, '\A[1-9][0-9]{12}\z') then to_timestamp(cast(left(w.applyTime, 10) as bigint)) end as applied_at,
        case when regexp_matches(w.updatedAt, '\A[1-9][0-9]{12}\z') then to_timestamp(cast(left(w.updatedAt, 10) as bigint)) end as modified_at,
        -- Its unit is stated nowhere: seconds have ten digits and milliseconds thirteen (assumed).
        case when regexp_matches(w.refundTime, '\A[1-9][0-9]{9}([0-9]{3})?\z') then to_timestamp(cast(left(w.refundTime, 10) as bigint)) end as refunded_at,
        minor_from_decimal(w.expectedRefundAmountYuan, 2) as expected_minor,
        minor_from_decimal(coalesce(w.refundAmountYuan, '0'), 2) as refunded_minor
    from wire as w join files as f on w.raw_id = f.raw_id
),
opened as (
    select raw_id, row_no, unnest(skus) as s from cells
),
named as (
    select raw_id, row_no, s.skuId || '' as sku, s.skuERPCode || '' as code from opened
),
articles as (
    select raw_id, row_no, count(*) as article_count, min(sku) as sku, min(code) as sku_code from named group by raw_id, row_no
)
select
    c.raw_id, c.row_no, c.case_id as row_key, c.case_id, c.order_id, c.shop, c.code, c.applied_at, c.modified_at, c.exported_at,
    case when a.article_count = 1 then a.sku end as variant_id, case when a.article_count = 1 then a.sku_code end as sku_code,
    t.kind, p.process, coalesce(m.money, 'none') as money, cast(coalesce(p.state_rank, '0') as bigint) as state_rank,
    case when m.money = 'returned' then coalesce(c.refunded_at, c.modified_at) end as refunded_at,
    case when m.money = 'returned' then c.refunded_minor else c.expected_minor end as refund_minor,
    case
        when not is_plain_id(c.case_id) then 'bad_id:returnsId'
        when not is_plain_id(c.order_id) then 'bad_id:orderId'
        when c.applied_at is null then 'bad_time:applyTime'
        when c.modified_at is null then 'bad_time:updatedAt'
        when c.expected_minor is null then 'bad_money:expectedRefundAmountYuan'
        when c.refunded_minor is null then 'bad_money:refundAmountYuan'
        when c.expected_minor < 0 or c.refunded_minor < 0 then 'negative_amount:refundAmountYuan'
        when p.code is null then 'unknown_code:status:' || coalesce(c.code, '')
        when t.code is null then 'unknown_code:returnType:' || coalesce(c.type_code, '')
        when c.refund_code is not null and m.code is null then 'unknown_code:refundStatus:' || c.refund_code
    end as reject
from cells as c
left join articles as a on c.raw_id = a.raw_id and c.row_no = a.row_no
left join xiaohongshu_case_codes as p on c.code = p.code
left join xiaohongshu_case_types as t on c.type_code = t.code
left join xiaohongshu_refund_codes as m on c.refund_code = m.code
