-- After-sale cases by API, one row per answer of channels/ec/aftersale/getaftersaleorder. Money is back when the case is
-- done as a refund; a case that was exchanged gave none.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, w.after_sale_order_id as case_id, w.order_id, w.status as code, w.type as kind_code,
        w.product_id as listing_id, w.sku_id as variant_id,
        case when regexp_matches(w.create_time, '\A[1-9][0-9]{9}\z') then to_timestamp(cast(w.create_time || '' as bigint)) end as applied_at,
        case when regexp_matches(w.update_time, '\A[1-9][0-9]{9}\z') then to_timestamp(cast(w.update_time || '' as bigint)) end as modified_at,
        case when regexp_matches(w.complete_time, '\A[1-9][0-9]{9}\z') then to_timestamp(cast(w.complete_time || '' as bigint)) end as ended_at,
        minor_from_decimal(coalesce(w.amount, '0'), 0) as refund_minor
    from wire as w join files as f on w.raw_id = f.raw_id
)
select
    c.raw_id, c.row_no, c.case_id as row_key, c.case_id, c.order_id, c.shop, c.code, c.listing_id, c.variant_id,
    c.applied_at, c.modified_at, c.exported_at, c.refund_minor, k.kind, s.process,
    case when k.kind = 'exchange' then 'none' else s.money end as money,
    case when s.process in ('succeeded', 'closed', 'withdrawn') then coalesce(c.ended_at, c.modified_at) end as closed_at,
    cast(coalesce(s.state_rank, '0') as bigint) as state_rank,
    case
        when not is_plain_id(c.case_id) then 'bad_id:after_sale_order_id'
        when not is_plain_id(c.order_id) then 'bad_id:order_id'
        when c.applied_at is null then 'bad_time:create_time'
        when c.modified_at is null then 'bad_time:update_time'
        when c.refund_minor is null then 'bad_money:refund_info.amount'
        when c.refund_minor < 0 then 'negative_amount:refund_info.amount'
        when s.code is null then 'unknown_code:status:' || coalesce(c.code, '')
        when k.code is null then 'unknown_code:type:' || coalesce(c.kind_code, '')
    end as reject
from cells as c
left join wechatstore_case_codes as s on c.code = s.code
left join wechatstore_case_kinds as k on c.kind_code = k.code
