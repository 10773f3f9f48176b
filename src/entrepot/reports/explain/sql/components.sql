-- What a posting is made of, in the posting's own sign and currency: amounts of orders, pieces, refunds, settlement lines,
-- advertising, bank lines and journals. `asked_entries` are the postings. A posting finds its components by rule, cause and account,
-- and only where they add up to it; one that is kept although the tables have changed finds none. Rules: `ledger/rules`.
with piece_slots as (
    select order_key, piece_no, kind, line_id, sku_id, goods_minor, discount_merchant_minor, gross_minor, vat_minor, cost_minor
    from order_pieces
),
recognised as (
    select e.*, p.piece_no, p.kind, p.goods_minor, p.discount_merchant_minor, p.gross_minor, p.vat_minor
    from asked_entries as e join piece_slots as p
        on e.order_id = p.order_key and e.order_line_id is not distinct from p.line_id and e.sku_id is not distinct from p.sku_id
    where e.posting_rule = 'recognised'
),
orders_of as (
    select e.entry_id, e.line_no, e.posting_rule, p.paid_minor, p.tender_minor, p.discount_platform_minor, p.discount_other_minor,
           p.identity_gap_minor, p.tax_kept_minor,
           case when o.deposit_paid_at is not null then coalesce(o.deposit_minor, 0) else 0 end as deposit_minor,
           least(coalesce(o.refund_stated_minor, 0), coalesce(o.deposit_minor, 0)) as deposit_returned_minor
    from asked_entries as e
    join order_positions as p on e.order_id = p.order_key
    join orders as o on e.order_id = o.order_key
    where e.posting_rule in ('paid', 'deposit', 'recognised')
),
refund_vat as (
    select entry_id, order_line_id, sku_id,
        sum_exact(case when account = 'output_vat' then amount_minor else 0 end) as vat_minor,
        sum_exact(case when account = 'revenue_reduction' then 1 else 0 end) as reductions
    from asked_entries where posting_rule = 'refunded' and order_line_id is not null group by entry_id, order_line_id, sku_id
),
settled as (
    select e.entry_id, e.line_no, e.account, s.amount_minor, coalesce(f.vat_minor, 0) as vat_minor
    from asked_entries as e
    join settlement_lines as s on e.cause_id = s.line_id
    left join fees as f on s.line_id = f.line_id
    where e.posting_rule = 'settled'
),
billed as (
    select e.entry_id, e.line_no, e.account, b.amount_minor, b.vat_minor
    from asked_entries as e join service_bill_lines as b on e.cause_id = b.bill_line_id
    where e.posting_rule = 'billed'
),
banked as (
    select e.entry_id, e.line_no, e.account, m.bank_minor, m.fee_minor, m.payout_minor
    from asked_entries as e join bank_matches as m on e.cause_id = m.match_id
    where e.posting_rule = 'banked' and e.cause_kind = 'bank_match'
),
candidates as (
    select entry_id, line_no, 10 * piece_no as slot, 1 as part_no, case when kind = 'shipping' then 'shipping' else 'goods' end as part, -goods_minor as amount_minor from recognised where kind <> 'tax'
    union all
    select entry_id, line_no, 10 * piece_no as slot, 2 as part_no, 'discount_merchant' as part, discount_merchant_minor as amount_minor from recognised where kind <> 'tax'
    union all
    select entry_id, line_no, 10 * piece_no as slot, 3 as part_no, 'vat' as part, vat_minor as amount_minor from recognised where kind <> 'tax'
    union all
    select entry_id, line_no, 10 * piece_no + 1 as slot, 1 as part_no, 'vat' as part, -vat_minor as amount_minor from recognised where kind <> 'tax' and account = 'output_vat'
    union all
    select entry_id, line_no, 10 * piece_no + 2 as slot, 1 as part_no, 'tax' as part, -gross_minor as amount_minor from recognised where kind = 'tax'
    union all
    select entry_id, line_no, 1 as slot, 1 as part_no, 'paid' as part, paid_minor as amount_minor from orders_of where posting_rule = 'recognised'
    union all
    select entry_id, line_no, 1 as slot, 2 as part_no, 'tender' as part, tender_minor as amount_minor from orders_of where posting_rule = 'recognised'
    union all
    select entry_id, line_no, 2 as slot, 1 as part_no, 'discount_platform' as part, discount_platform_minor as amount_minor from orders_of where posting_rule = 'recognised'
    union all
    select entry_id, line_no, 2 as slot, 2 as part_no, 'discount_other' as part, discount_other_minor as amount_minor from orders_of where posting_rule = 'recognised'
    union all
    select entry_id, line_no, 3 as slot, 1 as part_no, 'identity_gap' as part, identity_gap_minor as amount_minor from orders_of where posting_rule = 'recognised'
    union all
    select entry_id, line_no, 4 as slot, 1 as part_no, 'tax_kept' as part, tax_kept_minor as amount_minor from orders_of where posting_rule = 'recognised'
    union all
    select entry_id, line_no, 5 as slot, 1 as part_no, 'tax_kept' as part, -tax_kept_minor as amount_minor from orders_of where posting_rule = 'recognised'
    union all
    select entry_id, line_no, 1 as slot, 1 as part_no, 'paid' as part, paid_minor as amount_minor from orders_of where posting_rule = 'paid'
    union all
    select entry_id, line_no, 1 as slot, 2 as part_no, 'tender' as part, tender_minor as amount_minor from orders_of where posting_rule = 'paid'
    union all
    select entry_id, line_no, 1 as slot, 3 as part_no, 'deposit' as part, -deposit_minor as amount_minor from orders_of where posting_rule = 'paid'
    union all
    select entry_id, line_no, 2 as slot, 1 as part_no, 'deposit' as part, deposit_minor as amount_minor from orders_of where posting_rule = 'paid'
    union all
    select entry_id, line_no, 3 as slot, 1 as part_no, 'paid' as part, -paid_minor as amount_minor from orders_of where posting_rule = 'paid'
    union all
    select entry_id, line_no, 3 as slot, 2 as part_no, 'tender' as part, -tender_minor as amount_minor from orders_of where posting_rule = 'paid'
    union all
    select entry_id, line_no, 1 as slot, 1 as part_no, 'deposit' as part, deposit_minor as amount_minor from orders_of where posting_rule = 'deposit'
    union all
    select entry_id, line_no, 2 as slot, 1 as part_no, 'deposit' as part, -deposit_minor as amount_minor from orders_of where posting_rule = 'deposit'
    union all
    select entry_id, line_no, 3 as slot, 1 as part_no, 'deposit' as part, -deposit_minor as amount_minor from orders_of where posting_rule = 'deposit'
    union all
    select entry_id, line_no, 3 as slot, 2 as part_no, 'deposit_returned' as part, deposit_returned_minor as amount_minor from orders_of where posting_rule = 'deposit'
    union all
    select entry_id, line_no, 4 as slot, 1 as part_no, 'deposit_returned' as part, -deposit_returned_minor as amount_minor from orders_of where posting_rule = 'deposit'
    union all
    select e.entry_id, e.line_no, 10 * p.piece_no as slot, 1 as part_no, 'cost' as part,
           case when e.account = 'inventory' then -p.cost_minor else p.cost_minor end as amount_minor
    from asked_entries as e join piece_slots as p
        on e.order_id = p.order_key and e.order_line_id is not distinct from p.line_id and e.sku_id is not distinct from p.sku_id
    where e.posting_rule = 'cost'
    union all
    -- The share that falls on a piece, and the VAT inside it, which stands beside it in the same entry.
    select e.entry_id, e.line_no, 1 as slot, 1 as part_no, 'refund_share' as part, e.amount_minor + v.vat_minor as amount_minor
    from asked_entries as e join refund_vat as v
        on e.entry_id = v.entry_id and e.order_line_id = v.order_line_id and e.sku_id is not distinct from v.sku_id
    where e.posting_rule = 'refunded' and e.account = 'revenue_reduction' and v.reductions = 1
    union all
    select e.entry_id, e.line_no, 1 as slot, 2 as part_no, 'vat' as part, -v.vat_minor as amount_minor
    from asked_entries as e join refund_vat as v
        on e.entry_id = v.entry_id and e.order_line_id = v.order_line_id and e.sku_id is not distinct from v.sku_id
    where e.posting_rule = 'refunded' and e.account = 'revenue_reduction' and v.reductions = 1
    union all
    select entry_id, line_no, 2 as slot, 1 as part_no, case when account = 'output_vat' then 'vat' else 'refund_share' end as part, amount_minor
    from asked_entries
    where posting_rule = 'refunded' and account not in ('platform_receivable', 'refund_liability', 'contract_liability_unshipped')
    union all
    select e.entry_id, e.line_no, 3 as slot, 1 as part_no, 'refund' as part,
           case when e.account = 'contract_liability_unshipped' then r.amount_minor else -r.amount_minor end as amount_minor
    from asked_entries as e join refunds as r on e.cause_id = r.refund_id
    where e.posting_rule = 'refunded' and e.account in ('platform_receivable', 'refund_liability', 'contract_liability_unshipped', 'opening_balance')
    union all
    select entry_id, line_no, 1 as slot, 1 as part_no, 'settlement' as part, amount_minor from settled where account in ('wallet', 'opening_balance')
    union all
    select entry_id, line_no, 2 as slot, 1 as part_no, 'settlement' as part, -amount_minor as amount_minor from settled where account <> 'wallet'
    union all
    select entry_id, line_no, 2 as slot, 2 as part_no, 'vat' as part, -vat_minor as amount_minor from settled where account <> 'wallet'
    union all
    select entry_id, line_no, 3 as slot, 1 as part_no, 'vat' as part, vat_minor as amount_minor from settled where account = 'input_vat_pending'
    union all
    select e.entry_id, e.line_no, 1 as slot, 1 as part_no, 'spend' as part,
           case when e.amount_minor < 0 then -s.amount_minor else s.amount_minor end as amount_minor
    from asked_entries as e join ad_spend as s on e.cause_id = s.spend_id
    where e.posting_rule = 'advertised'
    union all
    select entry_id, line_no, 1 as slot, 1 as part_no, 'bill' as part, amount_minor from billed where account not in ('input_vat_pending', 'accounts_payable')
    union all
    select entry_id, line_no, 1 as slot, 2 as part_no, 'bill_vat' as part, -vat_minor as amount_minor
    from billed where account not in ('input_vat_pending', 'accounts_payable')
    union all
    select entry_id, line_no, 2 as slot, 1 as part_no, 'bill_vat' as part, vat_minor as amount_minor from billed where account = 'input_vat_pending'
    union all
    select entry_id, line_no, 3 as slot, 1 as part_no, 'bill' as part, -amount_minor as amount_minor
    from billed where account in ('accounts_payable', 'opening_balance')
    union all
    -- The sides of a bank line; an account that was opened later stands as opening balance, so every side is tried.
    select entry_id, line_no, 1 as slot, 1 as part_no, 'bank_line' as part, bank_minor as amount_minor from banked where account <> 'fx_realised'
    union all
    select entry_id, line_no, 2 as slot, 1 as part_no, 'bank_fee' as part, fee_minor as amount_minor from banked where account <> 'fx_realised'
    union all
    select entry_id, line_no, 3 as slot, 1 as part_no, 'paid_out' as part, -payout_minor as amount_minor from banked where account <> 'fx_realised'
    union all
    select entry_id, line_no, 4 as slot, 1 as part_no, 'paid_out' as part, payout_minor as amount_minor from banked where account = 'fx_realised'
    union all
    select entry_id, line_no, 5 as slot, 1 as part_no, 'bank_line' as part, -bank_minor as amount_minor from banked where account = 'fx_realised'
    union all
    select entry_id, line_no, 5 as slot, 2 as part_no, 'bank_fee' as part, -fee_minor as amount_minor from banked where account = 'fx_realised'
    union all
    select e.entry_id, e.line_no, 1 as slot, 1 as part_no, 'batch' as part,
           case when e.account = 'wallet' or (e.account = 'opening_balance' and e.amount_minor = -p.amount_minor) then -p.amount_minor else p.amount_minor end as amount_minor
    from asked_entries as e join payouts as p on e.cause_id = p.payout_id
    where e.posting_rule = 'banked' and e.cause_kind = 'payout'
    union all
    select e.entry_id, e.line_no, j.line_no as slot, 1 as part_no, 'journal' as part,
           case when j.kind = 'opening' and e.account = 'opening_balance' then -j.amount_minor else j.amount_minor end as amount_minor
    from asked_entries as e join journal_lines as j on e.cause_id = j.journal_id
    where e.posting_rule = 'journal' and (j.account = e.account or e.account = 'opening_balance')
),
sums as (
    select entry_id, line_no, slot, sum_exact(amount_minor) as amount_minor from candidates group by entry_id, line_no, slot
),
matched as (
    select s.entry_id, s.line_no, s.slot
    from sums as s join asked_entries as e on s.entry_id = e.entry_id and s.line_no = e.line_no and s.amount_minor = e.amount_minor
    qualify row_number() over (partition by s.entry_id, s.line_no order by s.slot) = 1
)
select
    cast(c.entry_id as varchar) as entry_id,
    cast(c.line_no as bigint) as line_no,
    cast(c.slot as bigint) as slot,
    cast(c.part_no as bigint) as part_no,
    cast(c.part as varchar) as part,
    cast(c.amount_minor as bigint) as amount_minor
from candidates as c join matched as m on c.entry_id = m.entry_id and c.line_no = m.line_no and c.slot = m.slot
where c.amount_minor <> 0
