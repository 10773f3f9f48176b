-- Presale deposits at an instant, by shop: what was paid, what became of it, what is open: docs/reference/reports/presale.md.
-- deposits = with balance paid + forfeited + given back + open.
with deposits as (
    select o.order_key, o.channel, p.shop, o.currency, o.deposit_minor, p.paid_minor + p.tender_minor - o.deposit_minor as balance_minor,
        least(coalesce(o.refund_stated_minor, 0), o.deposit_minor) as returned_minor,
        p.is_paid and (a.at_instant is null or coalesce(o.paid_at, o.shipped_at, o.confirmed_at, o.placed_at) < a.at_instant) as has_balance,
        -- A file without the time of closing: as in the ledger, the deposit's own time stands in.
        o.commercial_state = 'cancelled_unpaid' and p.paid_minor = 0
            and (a.at_instant is null or coalesce(o.closed_at, o.deposit_paid_at) < a.at_instant) as is_closed
    from orders as o join order_positions as p on o.order_key = p.order_key cross join asked as a
    where o.deposit_minor > 0 and o.deposit_paid_at is not null and (a.at_instant is null or o.deposit_paid_at < a.at_instant)
)
select
    cast(channel as varchar) as channel,
    cast(shop as varchar) as shop,
    cast(count(*) as bigint) as orders,
    cast(sum_exact(deposit_minor) as bigint) as deposits_minor,
    cast(sum_exact(case when has_balance then 1 else 0 end) as bigint) as balance_orders,
    cast(sum_exact(case when has_balance then deposit_minor else 0 end) as bigint) as deposits_completed_minor,
    cast(sum_exact(case when has_balance then balance_minor else 0 end) as bigint) as balances_minor,
    cast(sum_exact(case when is_closed and not has_balance then 1 else 0 end) as bigint) as closed_orders,
    cast(sum_exact(case when is_closed and not has_balance then deposit_minor - returned_minor else 0 end) as bigint) as forfeited_minor,
    cast(sum_exact(case when is_closed and not has_balance then returned_minor else 0 end) as bigint) as given_back_minor,
    cast(sum_exact(case when is_closed or has_balance then 0 else 1 end) as bigint) as open_orders,
    cast(sum_exact(case when is_closed or has_balance then 0 else deposit_minor end) as bigint) as open_minor,
    cast(currency as varchar) as currency
from deposits
group by channel, shop, currency
