-- Journals that people wrote, with what keeps one from being booked: a company or an account that is not there, or two
-- files that tell it differently. A company that is not named is the only one there is.
with companies as (select count(*) as n, min(entity_id) as only_id from legal_entities),
lines as (
    select j.*, coalesce(j.entity_id, case when c.n = 1 then c.only_id end) as booked_entity
    from journal_lines as j cross join companies as c
),
checked as (
    select l.*, e.entity_id is not null as has_entity, a.account is not null as has_account,
        count(*) over (partition by l.journal_id, l.line_no) > 1 as is_told_twice
    from lines as l
    left join legal_entities as e on l.booked_entity = e.entity_id
    left join accounts as a on l.account = a.account
)
select journal_id, line_no, kind, booked_entity as entity_id, accounting_date, account, currency, amount_minor,
    shop_channel, shop, sku_id, wallet_id, order_key, seen_at,
    case when max(case when is_told_twice then 1 else 0 end) over (partition by journal_id) = 1 then 'told_twice'
         when min(case when has_entity then 1 else 0 end) over (partition by journal_id) = 0 then 'unknown_entity'
         when min(case when has_account then 1 else 0 end) over (partition by journal_id) = 0 then 'unknown_account'
    end as refusal
from checked
