-- After-sale cases by API, one row per answer of afterSale.getAfterSaleInfo. A case that is done is not money returned: an
-- exchange is done too. Amounts are yuan here, where orders have fen.
with told as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop,
        coalesce(w.returnsId, w.returnsId_inner) as case_id, coalesce(w.orderId, w.orderId_inner) as order_id,
        coalesce(w.returnType, w.returnType_inner) as type_code, coalesce(w.status, w.status_inner) as code,
        coalesce(w.refundStatus, w.refundStatus_inner) as refund_code,
        coalesce(w.applyTime, w.applyTime_inner) as apply_text, coalesce(w.updatedAt, w.updatedAt_inner) as update_text,
        coalesce(w.refundTime, w.refundTime_inner) as refund_text,
        coalesce(w.expectedRefundAmountYuan, w.expectedRefundAmountYuan_inner) as expected_text,
        coalesce(w.refundAmountYuan, w.refundAmountYuan_inner) as refunded_text,
        coalesce(w.skus, w.skus_inner) as skus
    from wire as w join files as f on w.raw_id = f.raw_id
),
cells as (
    select *,
        case when regexp_matches(apply_text, '\A[1-9][0-9]{12}\z') then to_timestamp(cast(left(apply_text, 10) as bigint)) end as applied_at,
        case when regexp_matches(update_text, '\A[1-9][0-9]{12}\z') then to_timestamp(cast(left(update_text, 10) as bigint)) end as modified_at,
        -- Its unit is stated nowhere: seconds have ten digits and milliseconds thirteen (assumed).
        case when regexp_matches(refund_text, '\A[1-9][0-9]{9}([0-9]{3})?\z') then to_timestamp(cast(left(refund_text, 10) as bigint)) end as refunded_at,
        minor_from_decimal(expected_text, 2) as expected_minor,
        minor_from_decimal(coalesce(refunded_text, '0'), 2) as refunded_minor
    from told
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
        when c.case_id is null then 'missing_field:afterSaleInfo.returnsId'
        when not is_plain_id(c.case_id) then 'bad_id:returnsId'
        when not coalesce(is_plain_id(c.order_id), false) then 'bad_id:orderId'
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
