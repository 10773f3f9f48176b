-- What somebody who knows DuckDB would write for one platform: read answers with their shape declared, refuse what cannot
-- be read, keep the newest answer of each trade, write every table by month. No replay, no second engine, no other source.
create temp table answers as
select
    regexp_extract(filename, '([0-9a-f]{64})', 1) as raw_id,
    row_number() over (partition by filename order by file_row) as row_no,
    answer.trade_fullinfo_get_response.trade as t
from (
    select filename, answer, row_number() over () as file_row
    from read_json(
        [{blobs}], format = 'newline_delimited', compression = 'zstd', filename = true, maximum_object_size = 67108864,
        columns = {
            method: 'varchar',
            answer: 'struct(trade_fullinfo_get_response struct(trade struct(
                tid varchar, status varchar, type varchar, step_trade_status varchar, created varchar, pay_time varchar,
                consign_time varchar, end_time varchar, modified varchar, total_fee varchar, payment varchar,
                post_fee varchar, adjust_fee varchar, step_paid_fee varchar, coupon_fee varchar, tmall_coupon_fee varchar,
                platform_subsidy_fee varchar, alipay_point varchar, propoint varchar, buyer_open_uid varchar,
                oaid varchar, receiver_name varchar, receiver_mobile varchar, receiver_address varchar,
                receiver_state varchar,
                orders struct("order" struct(
                    oid varchar, status varchar, refund_status varchar, num_iid varchar, sku_id varchar,
                    outer_iid varchar, outer_sku_id varchar, title varchar, num varchar, price varchar,
                    payment varchar, divide_order_fee varchar, logistics_company varchar, invoice_no varchar,
                    consign_time varchar)[]))))'
        })
    where method = 'taobao.trade.fullinfo.get'
);

create temp table status (status varchar, payment_state varchar, commercial_state varchar, fulfilment_state varchar, rank int);
insert into status values
    ('WAIT_BUYER_PAY', 'unpaid', 'open', 'unallocated', 10), ('WAIT_SELLER_SEND_GOODS', 'escrowed', 'open', 'allocated', 20),
    ('SELLER_CONSIGNED_PART', 'escrowed', 'open', 'part_shipped', 30),
    ('WAIT_BUYER_CONFIRM_GOODS', 'escrowed', 'open', 'shipped', 40), ('TRADE_BUYER_SIGNED', 'captured', 'open', 'delivered', 50),
    ('TRADE_FINISHED', 'released', 'completed_by_buyer', 'delivered', 60),
    ('TRADE_CLOSED', 'voided', 'closed_refunded', 'unallocated', 70),
    ('TRADE_CLOSED_BY_TAOBAO', 'voided', 'cancelled_unpaid', 'unallocated', 70);

create macro fen(yuan) as cast(try_cast(yuan as decimal(18, 2)) * 100 as bigint);
create macro beijing(text) as try_cast(text || '+08:00' as timestamptz);
create macro token(message) as (
    select sha256(encode(k_outer) || unhex(sha256(k_inner || message))) from pads);
create macro digits(instant) as coalesce(strftime(instant at time zone 'UTC', '%Y%m%d%H%M%S'), '00000000000000');

create temp table trades as
with typed as (
    select
        raw_id, row_no, t.tid as order_id, t.status as status, t.type as type, t.orders."order" as lines,
        t.buyer_open_uid as buyer_open_uid, t.oaid as oaid, t.receiver_name as receiver_name,
        t.receiver_mobile as receiver_mobile, t.receiver_address as receiver_address, t.receiver_state as receiver_state,
        beijing(t.created) as placed_at, beijing(t.modified) as modified_at, beijing(t.pay_time) as paid_at,
        beijing(t.consign_time) as shipped_at, beijing(t.end_time) as ended_at,
        fen(t.total_fee) as total_minor, fen(t.payment) as payment_minor, fen(coalesce(t.post_fee, '0')) as shipping_minor,
        fen(coalesce(t.adjust_fee, '0')) as adjusted_minor, fen(coalesce(t.platform_subsidy_fee, '0')) as subsidy_minor,
        try_cast(coalesce(t.tmall_coupon_fee, t.coupon_fee, '0') as bigint) as coupon_minor,
        try_cast(coalesce(t.alipay_point, '0') as bigint) + try_cast(coalesce(t.propoint, '0') as bigint) as points_minor,
        len([1 for l in t.orders."order" if fen(l.price) is null or fen(coalesce(l.divide_order_fee, l.payment)) is null]) as bad_money,
        len([1 for l in t.orders."order" if coalesce(try_cast(l.num as bigint), 0) = 0]) as bad_number
    from answers
),
known as (
    select
        y.*, s.payment_state, s.commercial_state, s.fulfilment_state, coalesce(s.rank, 0) as state_rank,
        y.coupon_minor + y.subsidy_minor as platform_minor, y.total_minor + greatest(y.adjusted_minor, 0) as goods_minor,
        case when y.paid_at is null then 0 else y.payment_minor end as paid_minor,
        case when y.placed_at is null then 'bad_time:created' when y.modified_at is null then 'bad_time:modified'
             when y.total_minor is null then 'bad_money:total_fee' when y.payment_minor is null then 'bad_money:payment'
             when y.shipping_minor is null then 'bad_money:post_fee' when y.coupon_minor is null then 'bad_money:coupon_fee'
             when y.bad_money > 0 then 'bad_money:price' when y.bad_number > 0 then 'bad_number:num'
             when s.status is null then 'unknown_code:status:' || y.status end as refused
    from typed as y left join status as s on y.status = s.status
),
summed as (
    select *, case when paid_minor = 0 then 0
                   else goods_minor + shipping_minor - paid_minor - platform_minor - points_minor end as merchant_minor
    from known
)
select
    *, coalesce(refused, case when merchant_minor < 0 then 'amounts_disagree:payment' end) as reject,
    'tmall:' || order_id as order_key, strftime(placed_at + interval 8 hour, '%Y-%m') as month,
    digits(modified_at) || '|00000000000000|' || digits(timestamptz '2026-01-01 00:00:00+00') || '|'
        || lpad(cast(state_rank as varchar), 3, '0') || '|' || raw_id || '|' || lpad(cast(row_no as varchar), 10, '0') as version
from summed;

create temp table good as
select * from trades where reject is null
qualify row_number() over (partition by order_id order by version desc) = 1;

copy (
    select raw_id, row_no, 'tmall_live_trades' as format, order_id as row_key, md5(cast(t as varchar)) as row_hash, reject
    from trades join answers using (raw_id, row_no)
) to '{out}/raw_rows' (format parquet, compression zstd, partition_by (format));

copy (
    select
        order_key, 'tmall' as channel, month, 'our shop' as shop, order_id, cast(null as varchar) as parent_order_id,
        case when type = 'step' then 'presale' else 'sale' end as order_kind, cast(null as varchar) as sale_model,
        status as platform_status, payment_state, commercial_state, fulfilment_state, 'none' as customs_state, placed_at,
        false as placed_is_estimated, paid_at, cast(null as timestamptz) as deposit_paid_at, shipped_at,
        case when status = 'TRADE_FINISHED' then ended_at end as confirmed_at,
        case when status in ('TRADE_CLOSED', 'TRADE_CLOSED_BY_TAOBAO') then ended_at end as closed_at, modified_at,
        'CNY' as currency, goods_minor, shipping_minor, cast(0 as bigint) as tax_minor,
        merchant_minor as discount_merchant_minor, platform_minor as discount_platform_minor,
        cast(0 as bigint) as discount_other_minor, points_minor as tender_minor, paid_minor,
        cast(null as bigint) as deposit_minor, cast(0 as bigint) as refund_stated_minor,
        token('tmall|' || coalesce(buyer_open_uid, order_id)) as buyer_key, 'hand' as source, version, raw_id, row_no,
        'hand' as mapping_version, now() as seen_at, true as is_current
    from good
) to '{out}/orders' (format parquet, compression zstd, partition_by (channel, month));

copy (
    select
        order_key, 'tmall' as channel, month, l.oid as line_id, 'our shop' as shop, order_id, l.num_iid as listing_id,
        l.sku_id as variant_id, coalesce(l.outer_sku_id, l.outer_iid) as sku_id, l.outer_iid as spu_id, l.title as title,
        cast(l.num as bigint) as quantity, 'CNY' as currency, fen(l.price) as unit_price_minor,
        fen(l.price) * cast(l.num as bigint) as goods_minor, cast(null as bigint) as discount_merchant_minor,
        cast(null as bigint) as shipping_minor, cast(null as bigint) as tax_minor,
        fen(coalesce(l.divide_order_fee, l.payment)) as paid_minor, l.refund_status as after_sale_status,
        l.status in ('TRADE_CLOSED', 'TRADE_CLOSED_BY_TAOBAO') and l.consign_time is null as is_cancelled,
        cast(null as boolean) as is_unnumbered,
        'hand' as source, version, raw_id, row_no, 'hand' as mapping_version, now() as seen_at, true as is_current
    from (select *, unnest(lines) as l from good)
) to '{out}/order_lines' (format parquet, compression zstd, partition_by (channel, month));

copy (
    select
        order_key, 'tmall' as channel, month, '' as line_id, d.funder, d.kind, 'CNY' as currency, d.amount_minor,
        case when d.funder = 'platform' then 'settled' end as settled_through,
        cast(null as boolean) as is_unnumbered, 'hand' as source, version, raw_id, row_no,
        'hand' as mapping_version, now() as seen_at, true as is_current
    from (
        select *, unnest([
            {funder: 'merchant', kind: 'promotion', amount_minor: merchant_minor},
            {funder: 'platform', kind: 'coupon', amount_minor: platform_minor}]) as d
        from good)
) to '{out}/discounts' (format parquet, compression zstd, partition_by (channel, month));

copy (
    select
        order_key, 'tmall' as channel, month, d.kind, d.issuer, 'CNY' as currency, d.amount_minor, 'hand' as source,
        version, raw_id, row_no, 'hand' as mapping_version, now() as seen_at, true as is_current
    from (
        select *, unnest([
            {kind: 'points', issuer: 'platform', amount_minor: points_minor},
            {kind: 'stored_value_principal', issuer: 'merchant', amount_minor: cast(0 as bigint)}]) as d
        from good)
) to '{out}/tenders' (format parquet, compression zstd, partition_by (channel, month));

copy (
    select
        order_key, 'tmall' as channel, month, l.invoice_no as shipment_id, min(l.logistics_company) as carrier,
        min(beijing(l.consign_time)) as shipped_at, cast(null as timestamptz) as delivered_at,
        cast(null as varchar) as location_id, cast(null as varchar) as note, 'hand' as source, any_value(version) as version,
        any_value(raw_id) as raw_id, any_value(row_no) as row_no, 'hand' as mapping_version, now() as seen_at,
        true as is_current
    from (select order_key, month, version, raw_id, row_no, unnest(lines) as l from good)
    where l.invoice_no is not null
    group by order_key, month, l.invoice_no
) to '{out}/shipments' (format parquet, compression zstd, partition_by (channel, month));

copy (
    select
        token('tmall|' || buyer_open_uid) as person_key, 'buyer' as role, 'tmall' as channel,
        buyer_open_uid as platform_account, cast(null as varchar) as name, cast(null as varchar) as mobile,
        cast(null as varchar) as email, 'hand' as source, version, raw_id, row_no, 'hand' as mapping_version,
        now() as seen_at, true as is_current
    from (
        select buyer_open_uid, max(version) as version, arg_max(raw_id, version) as raw_id, arg_max(row_no, version) as row_no
        from good where buyer_open_uid is not null group by buyer_open_uid)
) to '{out}/persons' (format parquet, compression zstd, partition_by (channel));

copy (
    select
        order_key, 'tmall' as channel, month, 'recipient' as role, token('tmall|' || coalesce(oaid, order_id)) as person_key,
        'CN' as country, receiver_state as province, receiver_name as name, receiver_mobile as mobile,
        receiver_address as address, 'hand' as source, version, raw_id, row_no, 'hand' as mapping_version,
        now() as seen_at, true as is_current
    from good where coalesce(receiver_name, receiver_mobile, receiver_address) is not null
) to '{out}/addresses' (format parquet, compression zstd, partition_by (channel, month));
