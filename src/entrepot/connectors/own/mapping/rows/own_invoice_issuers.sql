-- Which company invoices which fees of a platform; without codes all of them.
select
    w.raw_id, w.row_no, f.exported_at, w.channel, w.seller_name, w.seller_tax_no, w.fee_codes,
    concat_ws('|', coalesce(w.channel, ''), coalesce(w.seller_name, '')) as row_key,
    case
        when not coalesce(regexp_matches(w.channel, '\A[a-z][a-z0-9_]*\z'), false) then 'unknown_code:channel:' || coalesce(w.channel, '')
        when w.seller_name is null then 'missing_value:seller_name'
        when w.seller_tax_no is not null and not is_plain_id(w.seller_tax_no) then 'bad_id:seller_tax_no'
        when w.fee_codes is not null and not regexp_matches(w.fee_codes, '\A[a-z_]+( [a-z_]+)*\z') then 'bad_id:fee_codes'
    end as reject
from wire as w join files as f on w.raw_id = f.raw_id
