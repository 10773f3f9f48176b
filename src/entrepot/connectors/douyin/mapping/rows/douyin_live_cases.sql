-- After-sale cases by API, one row per case of afterSale.List. Refund agreed and money returned are two facts.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, w.case_id, w.order_id, w.lines, w.case_status, w.case_type, w.refund_status,
        case when regexp_matches(w.apply_time, '\A[1-9][0-9]{8,9}\z') then to_timestamp(cast(w.apply_time || '' as bigint)) end as applied_at,
        case when regexp_matches(w.update_time, '\A[1-9][0-9]{8,9}\z') then to_timestamp(cast(w.update_time || '' as bigint)) end as modified_at,
        minor_from_decimal(coalesce(w.refund_amount, '0') || '', 0) as refund_minor,
        minor_from_decimal(coalesce(w.refund_post_amount, '0') || '', 0) as post_minor,
        minor_from_decimal(coalesce(w.refund_tax_amount, '0') || '', 0) as tax_minor
    from wire as w join files as f on w.raw_id = f.raw_id
),
opened as (
    select raw_id, row_no, unnest(lines) as l from cells
),
firsts as (
    select raw_id, row_no, min(l.line_id) as line_id, min(l.product_id) as listing_id, min(l.shop_sku_code) as sku_code, count(*) as lines
    from opened group by raw_id, row_no
)
select
    c.raw_id, c.row_no, c.case_id as row_key, c.case_id, c.order_id, c.shop, c.applied_at, c.modified_at, c.exported_at,
    case when o.lines = 1 then o.line_id end as line_id, o.listing_id, o.sku_code, s.case_state,
    c.refund_minor, c.post_minor, c.tax_minor, t.kind, s.process,
    case when c.refund_status = '3' then 'returned' when c.refund_status = '4' then 'failed' else s.money end as money,
    case
        when not is_plain_id(c.case_id) then 'bad_id:aftersale_id'
        when not is_plain_id(c.order_id) then 'bad_id:shop_order_id'
        when c.applied_at is null then 'bad_time:apply_time'
        when c.modified_at is null then 'bad_time:update_time'
        when c.refund_minor is null then 'bad_money:refund_amount'
        when c.refund_minor < 0 then 'negative_amount:refund_amount'
        when s.case_state is null then 'unknown_code:aftersale_status:' || coalesce(c.case_status, '')
        when t.kind is null then 'unknown_code:aftersale_type:' || coalesce(c.case_type, '')
    end as reject
from cells as c
left join firsts as o on c.raw_id = o.raw_id and c.row_no = o.row_no
left join douyin_case_state_codes as sc on c.case_status = sc.code
left join douyin_case_states as s on sc.case_state = s.case_state
left join douyin_case_kind_codes as kc on c.case_type = kc.code
left join douyin_case_kinds as t on kc.case_kind = t.case_kind
