-- Declared orders, one row per line; amounts belong to the line and none is below nothing: a refund stands in its own
-- column, and a row that takes a sale back is no order. Times without offset are read as Beijing's and then
-- moved by the hours that the declared zone is off it; a day alone is its midnight.
with cells as (
    select
        w.raw_id, w.row_no, f.exported_at, {order_id} as order_id, {line_id} as line_text, {sku_id} as sku_id, {title} as title,
        coalesce({shop}, {SHOP}, f.shop) as shop, coalesce({CURRENCY}, {currency}) as currency, {state} as state_word,
        {placed_at} as placed_text, {paid_at} as paid_text, {shipped_at} as shipped_text, {confirmed_at} as confirmed_text,
        coalesce(instant_from_offset({placed_at}), instant_from_beijing(coalesce(cast(day_from_text({placed_at}) as varchar) || ' 00:00:00', {placed_at})){SHIFT}) as placed_at,
        coalesce(instant_from_offset({paid_at}), instant_from_beijing(coalesce(cast(day_from_text({paid_at}) as varchar) || ' 00:00:00', {paid_at})){SHIFT}) as paid_at,
        coalesce(instant_from_offset({shipped_at}), instant_from_beijing(coalesce(cast(day_from_text({shipped_at}) as varchar) || ' 00:00:00', {shipped_at})){SHIFT}) as shipped_at,
        coalesce(instant_from_offset({confirmed_at}), instant_from_beijing(coalesce(cast(day_from_text({confirmed_at}) as varchar) || ' 00:00:00', {confirmed_at})){SHIFT}) as confirmed_at,
        case when regexp_matches({quantity}, '\A[0-9]{1,9}\z') then cast({quantity} as bigint) end as quantity,
        {unit_price} as unit_price_text, {shipping} as shipping_text, {tax} as tax_text,
        {discount_merchant} as merchant_text, {discount_platform} as platform_text, {paid} as cash_text, {refunded} as refunded_text,
        coalesce({buyer_account}, {phone}, {email}) as buyer, {buyer_account} as buyer_account, {buyer_name} as buyer_name,
        {phone} as phone, {email} as email
    from wire as w join files as f on w.raw_id = f.raw_id
),
typed as (
    select z.*, cast(c.digits as bigint) as digits,
        minor_from_decimal(ungrouped(z.unit_price_text, cast(c.digits as bigint)), cast(c.digits as bigint)) as unit_price_minor,
        minor_from_decimal(ungrouped(coalesce(z.shipping_text, '0'), cast(c.digits as bigint)), cast(c.digits as bigint)) as shipping_minor,
        minor_from_decimal(ungrouped(coalesce(z.tax_text, '0'), cast(c.digits as bigint)), cast(c.digits as bigint)) as tax_minor,
        minor_from_decimal(ungrouped(coalesce(z.merchant_text, '0'), cast(c.digits as bigint)), cast(c.digits as bigint)) as merchant_minor,
        minor_from_decimal(ungrouped(coalesce(z.platform_text, '0'), cast(c.digits as bigint)), cast(c.digits as bigint)) as platform_minor,
        minor_from_decimal(ungrouped(coalesce(z.cash_text, '0'), cast(c.digits as bigint)), cast(c.digits as bigint)) as cash_minor,
        minor_from_decimal(ungrouped(coalesce(z.refunded_text, '0'), cast(c.digits as bigint)), cast(c.digits as bigint)) as refunded_minor,
        s.commercial_state
    from cells as z
    left join {FORMAT}_currencies as c on z.currency = c.currency
    left join {FORMAT}_states as s on z.state_word = s.state
),
counted as (
    select *, digest(concat_ws('|', order_id, coalesce(line_text, ''), coalesce(sku_id, ''), coalesce(title, ''),
                               coalesce(cast(unit_price_minor as varchar), unit_price_text, ''), cast(coalesce(quantity, 0) as varchar))) as content
    from typed
),
twinned as (
    select *, row_number() over (partition by raw_id, content order by row_no) as twin,
        min(currency) over (partition by raw_id, order_id) <> max(currency) over (partition by raw_id, order_id) as currencies_differ,
        min(shop) over (partition by raw_id, order_id) <> max(shop) over (partition by raw_id, order_id) as shops_differ
    from counted
)
select
    raw_id, row_no,
    -- A line with a number of its own is that line whatever else it says; without one its cells tell it apart.
    case when line_text is not null then digest(concat_ws('|', order_id, line_text))
         else content || '-' || cast(twin as varchar) end as row_key, order_id, shop, currency, sku_id, title, quantity, exported_at,
    coalesce(line_text, substr(content, 1, 16) || '-' || cast(twin as varchar)) as line_id,
    state_word, commercial_state, unit_price_minor, shipping_minor, tax_minor, merchant_minor, platform_minor, refunded_minor,
    placed_at, paid_at, shipped_at, confirmed_at,
    case when {HAS_PAID_AT} and paid_at is null then 0
         when {HAS_PAID} then cash_minor
         when coalesce(commercial_state, 'open') = 'cancelled_unpaid' then 0
         else product_exact(unit_price_minor, quantity) + shipping_minor + tax_minor - merchant_minor - platform_minor end as paid_minor,
    buyer, coalesce(buyer, buyer_name) is not null as has_person, buyer_account, buyer_name, phone, email,
    case
        when order_id is null then 'bad_id:order_id'
        when placed_at is null then 'bad_time:placed_at'
        when paid_text is not null and paid_at is null then 'bad_time:paid_at'
        when shipped_text is not null and shipped_at is null then 'bad_time:shipped_at'
        when confirmed_text is not null and confirmed_at is null then 'bad_time:confirmed_at'
        when coalesce(quantity, 0) = 0 then 'bad_number:quantity'
        when digits is not null and unit_price_minor is null then 'bad_money:unit_price'
        when digits is not null and shipping_minor is null then 'bad_money:shipping'
        when digits is not null and tax_minor is null then 'bad_money:tax'
        when digits is not null and merchant_minor is null then 'bad_money:discount_merchant'
        when digits is not null and platform_minor is null then 'bad_money:discount_platform'
        when digits is not null and cash_minor is null then 'bad_money:paid'
        when digits is not null and refunded_minor is null then 'bad_money:refunded'
        when unit_price_minor < 0 then 'negative_amount:unit_price'
        when shipping_minor < 0 then 'negative_amount:shipping'
        when tax_minor < 0 then 'negative_amount:tax'
        when merchant_minor < 0 then 'negative_amount:discount_merchant'
        when platform_minor < 0 then 'negative_amount:discount_platform'
        when cash_minor < 0 then 'negative_amount:paid'
        when refunded_minor < 0 then 'negative_amount:refunded'
        when currencies_differ then 'inconsistent_code:currency'
        when shops_differ then 'inconsistent_code:shop'
        when digits is null then 'unknown_code:currency:' || coalesce(currency, '')
        when {HAS_STATES} and commercial_state is null then 'unknown_code:state:' || coalesce(state_word, '')
    end as reject
from twinned
