-- Postings with the cut-over heeded: what moved an account before the day of its opening balance is in that balance, so
-- its side of the entry goes to the opening account instead. What then stands there is what the two disagree by.
with openings as (
    select entity_id, account, wallet_id, shop_channel, shop, max(accounting_date) as opens_on
    from journals where kind = 'opening' and refusal is null
    group by entity_id, account, wallet_id, shop_channel, shop
),
places as (
    select distinct entity_id, account, wallet_id, channel, shop from postings
    where account in (select account from openings) and posting_rule <> 'journal'
),
covered as (
    select p.entity_id, p.account, p.wallet_id, p.channel, p.shop, max(o.opens_on) as opens_on
    from places as p join openings as o on p.entity_id = o.entity_id and p.account = o.account
    where (o.wallet_id is null or o.wallet_id = p.wallet_id) and (o.shop_channel is null or o.shop_channel = p.channel)
      and (o.shop is null or o.shop = p.shop)
    group by p.entity_id, p.account, p.wallet_id, p.channel, p.shop
)
select t.posting_rule, t.rule_version, t.cause_kind, t.cause_id, t.slot,
    case when t.posting_rule <> 'journal' and t.accounting_date < c.opens_on then 'opening_balance' else t.account end as account,
    t.amount_minor, t.currency, t.entity_id, t.accounting_date, t.document_date, t.order_key, t.order_line_id, t.sku_id,
    t.channel, t.shop, t.tax_code, t.wallet_id, t.posted_at
from postings as t
left join covered as c
    on t.entity_id = c.entity_id and t.account = c.account and coalesce(t.wallet_id, '') = coalesce(c.wallet_id, '')
    and coalesce(t.channel, '') = coalesce(c.channel, '') and coalesce(t.shop, '') = coalesce(c.shop, '')
