-- Orders by API, one row per order of order.searchList. Money is fen and stands on the lines; what the channel adds to
-- the buyer's payment (promotion_pay_amount) is no cash. Code lists are those of the files, reached by number.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, f.shop, w.order_id, w.lines, w.parcels, w.trade_type,
        coalesce(w.main_status, w.order_status) as code, w.order_status,
        w.doudian_open_id, w.province, w.receiver, w.mobile, w.address,
        case when regexp_matches(w.create_time, '\A[1-9][0-9]{8,9}\z') then to_timestamp(cast(w.create_time || '' as bigint)) end as placed_at,
        case when regexp_matches(w.update_time, '\A[1-9][0-9]{8,9}\z') then to_timestamp(cast(w.update_time || '' as bigint)) end as modified_at,
        case when regexp_matches(w.pay_time, '\A[1-9][0-9]{8,9}\z') then to_timestamp(cast(w.pay_time || '' as bigint)) end as paid_at,
        case when regexp_matches(w.finish_time, '\A[1-9][0-9]{8,9}\z') then to_timestamp(cast(w.finish_time || '' as bigint)) end as finished_at,
        minor_from_decimal(coalesce(w.post_amount, '0') || '', 0) as shipping_minor,
        minor_from_decimal(w.pay_amount || '', 0) as pay_minor,
        minor_from_decimal(coalesce(w.promotion_pay_amount, '0') || '', 0) as provider_minor
    from wire as w join files as f on w.raw_id = f.raw_id
),
opened as (
    select raw_id, row_no, unnest(lines) as l from cells
),
texts as (
    select
        raw_id, row_no, l.line_id as line_id, coalesce(l.main_status, l.order_status) as line_code,
        l.origin_amount || '' as origin, l.pay_amount || '' as pay, l.item_num || '' as num, l.ship_time || '' as ship_time,
        coalesce(l.promotion_pay_amount, '0') || '' as provider, coalesce(l.shop_cost_amount, '0') || '' as merchant,
        coalesce(l.author_cost_amount, '0') || '' as talent, coalesce(l.platform_cost_amount, '0') || '' as platform,
        coalesce(l.post_amount, '0') || '' as post
    from opened
),
lines as (
    select
        t.raw_id, t.row_no, t.line_id, t.line_code,
        minor_from_decimal(t.origin, 0) as unit_minor, minor_from_decimal(t.pay, 0) as pay_minor,
        minor_from_decimal(t.provider, 0) as provider_minor, minor_from_decimal(t.merchant, 0) as merchant_minor,
        minor_from_decimal(t.talent, 0) as talent_minor, minor_from_decimal(t.platform, 0) as platform_minor,
        minor_from_decimal(t.num, 0) as quantity,
        case when regexp_matches(t.ship_time, '\A[1-9][0-9]{8,9}\z') then to_timestamp(cast(t.ship_time as bigint)) end as shipped_at,
        s.refund, s.status as known_status
    from texts as t
    left join douyin_status_codes as c on t.line_code = c.code
    left join douyin_status as s on c.status = s.status
),
parts as (
    select
        raw_id, row_no,
        sum_exact(product_exact(unit_minor, quantity)) as goods_minor,
        sum_exact(merchant_minor) as merchant_minor,
        sum_exact(platform_minor - talent_minor) as platform_minor,
        sum_exact(talent_minor + provider_minor) as other_minor,
        sum_exact(case when refund = 'whole' then pay_minor - provider_minor else 0 end) as refund_minor,
        min(shipped_at) as shipped_at,
        bool_or(unit_minor is null or pay_minor is null or merchant_minor is null or platform_minor is null) as has_bad_money,
        bool_or(coalesce(quantity, 0) = 0) as has_bad_number,
        bool_or(not is_plain_id(line_id)) as has_bad_id,
        max(case when known_status is null then line_code end) as unknown_code
    from lines group by raw_id, row_no
),
joined as (
    select
        c.*, p.goods_minor, p.merchant_minor, p.platform_minor, p.other_minor, p.refund_minor as lines_refund_minor,
        p.shipped_at, p.has_bad_money, p.has_bad_number, p.has_bad_id, p.unknown_code,
        s.status as known_status, s.payment_state as status_payment, s.commercial_state as status_commercial,
        s.fulfilment_state as status_fulfilment, cast(coalesce(s.state_rank, '0') as bigint) as state_rank,
        case when c.paid_at is null then 0 else c.pay_minor - c.provider_minor end as paid_minor
    from cells as c
    left join parts as p on c.raw_id = p.raw_id and c.row_no = p.row_no
    left join douyin_status_codes as k on c.code = k.code
    left join douyin_status as s on k.status = s.status
)
select
    raw_id, row_no, order_id as row_key, order_id, shop, lines, parcels, known_status as status,
    doudian_open_id, province, receiver, mobile, address,
    placed_at, modified_at, exported_at, paid_at, shipped_at, state_rank,
    case when status_commercial = 'completed_by_buyer' then finished_at end as confirmed_at,
    case when status_commercial = 'closed_refunded' then finished_at end as closed_at,
    case when trade_type = '2' then 'presale' else 'sale' end as order_kind,
    goods_minor, shipping_minor, merchant_minor, platform_minor, other_minor, paid_minor,
    case when paid_at is null then 0 when code = '21' then paid_minor else coalesce(lines_refund_minor, 0) end as refund_minor,
    case when paid_at is null and status_payment in ('escrowed', 'released') then 'deferred' else status_payment end as payment_state,
    case when status_commercial = 'closed_refunded' and paid_at is null then 'cancelled_unpaid' else status_commercial end as commercial_state,
    case when status_commercial = 'closed_refunded' and shipped_at is not null then 'shipped' else status_fulfilment end as fulfilment_state,
    case
        when not is_plain_id(order_id) then 'bad_id:order_id'
        when placed_at is null then 'bad_time:create_time'
        when modified_at is null then 'bad_time:update_time'
        when pay_minor is null then 'bad_money:pay_amount'
        when shipping_minor is null then 'bad_money:post_amount'
        when provider_minor is null then 'bad_money:promotion_pay_amount'
        when has_bad_id then 'bad_id:sku_order_list.order_id'
        when has_bad_money is null or has_bad_money then 'bad_money:sku_order_list'
        when has_bad_number then 'bad_number:item_num'
        when known_status is null then 'unknown_code:main_status:' || coalesce(code, '')
        when unknown_code is not null then 'unknown_code:main_status:' || unknown_code
    end as reject
from joined
