select
    w.raw_id, w.row_no, w.account as row_key, f.exported_at, w.account, w.own_code, w.own_name,
    case
        when w.account is null then 'missing_value:account'
        when w.own_code is null then 'missing_value:own_code'
    end as reject
from wire as w join files as f on w.raw_id = f.raw_id
