-- Month-end postings as entries of the last day of the period; those that are only estimates stand once more, with the
-- sign turned, on the first day of the next. `month_end` has the rows of all closing rules.
with numbered as (
    select m.*, e.functional_currency, c.closing_id, c.ends_on, c.next_on,
        m.posting_rule || ':' || c.closing_id || ':' || m.entity_id || ':' || coalesce(m.channel, '') || '/' || coalesce(m.shop, '')
            || ':' || m.currency as posting_id,
        row_number() over (partition by m.posting_rule, m.entity_id, m.channel, m.shop, m.currency
                           order by m.account, coalesce(m.wallet_id, '')) as line_no
    from month_end as m cross join closing as c join legal_entities as e on m.entity_id = e.entity_id
    join closing_entities as o on m.entity_id = o.entity_id
),
rated as (
    select n.*,
        case when n.functional_minor is not null then n.functional_minor
             when n.currency = n.functional_currency then n.amount_minor
             when f.per_euro_e6 is null or t.per_euro_e6 is null then 0
             else half_up_div(product_exact(product_exact(n.amount_minor, t.per_euro_e6), s.to_scale),
                              product_exact(f.per_euro_e6, s.from_scale)) end as raw_minor,
        case when n.currency = n.functional_currency then null
             when f.per_euro_e6 is null or t.per_euro_e6 is null then 'missing'
             when f.currency = 'EUR' then t.rate_source || ':' || cast(t.rate_on as varchar)
             else f.rate_source || ':' || cast(f.rate_on as varchar) end as fx_rate_id
    from numbered as n
    left join fx_days as f on n.currency = f.currency and n.ends_on = f.on_day
    left join fx_days as t on n.functional_currency = t.currency and n.ends_on = t.on_day
    left join currency_scales as s on n.currency = s.from_currency and n.functional_currency = s.to_currency
),
balanced as (
    select *, sum_exact(raw_minor) over (partition by posting_id) as rest_minor,
        row_number() over (partition by posting_id order by abs(raw_minor) desc nulls last, line_no) as largest
    from rated
),
twice as (
    select b.*, k.is_back, case when k.is_back then b.next_on else b.ends_on end as day
    from balanced as b cross join (select false as is_back union all select true as is_back) as k
    where b.is_reversed or not k.is_back
)
select
    cast(case when is_back then 'reversal:' else '' end || posting_id as varchar) as entry_id,
    cast(line_no as bigint) as line_no,
    cast(entity_id as varchar) as entity_id,
    cast('local' as varchar) as book,
    cast(account as varchar) as account,
    cast(case when is_back then -amount_minor else amount_minor end as bigint) as amount_minor,
    cast(currency as varchar) as currency,
    cast(case when is_back then -(raw_minor - case when largest = 1 then rest_minor else 0 end)
              else raw_minor - case when largest = 1 then rest_minor else 0 end end as bigint) as functional_minor,
    cast(functional_currency as varchar) as functional_currency,
    cast(fx_rate_id as varchar) as fx_rate_id,
    cast(day as date) as document_date,
    cast(day as date) as accounting_date,
    cast(substr(cast(day as varchar), 1, 7) as varchar) as period,
    cast(d.fiscal_period as varchar) as fiscal_period,
    cast(posting_rule as varchar) as posting_rule,
    cast(rule_version as varchar) as rule_version,
    cast('closing' as varchar) as cause_kind,
    cast(closing_id as varchar) as cause_id,
    cast(null as varchar) as order_id,
    cast(null as varchar) as order_line_id,
    cast(null as varchar) as sku_id,
    cast(channel as varchar) as channel,
    cast(shop as varchar) as shop,
    cast(channel as varchar) as counterparty_id,
    cast(null as varchar) as tax_code,
    cast(wallet_id as varchar) as wallet_id,
    cast(case when is_back then posting_id end as varchar) as reversal_of,
    cast(null as varchar) as voucher_no,
    cast(null as timestamptz) as posted_at
from twice as w left join fiscal_days as d on w.day = d.on_day
