select
    cast('tmall:' || order_id as varchar) as order_key,
    cast('tmall' as varchar) as channel,
    cast(month_in_beijing(placed_at) as varchar) as month,
    cast('recipient' as varchar) as role,
    cast(person_key(k.k_inner, k.k_outer, 'tmall|' || coalesce(buyer_account, order_id)) as varchar) as person_key,
    cast('CN' as varchar) as country,
    -- Only what is a province by its name: the first word of an address without blanks is the whole address.
    cast(case when regexp_matches(recipient_address,
        '\A(北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门)(省|市|自治区|壮族自治区|回族自治区|维吾尔自治区|特别行政区)? ')
        then split_part(recipient_address, ' ', 1) end as varchar) as province,
    cast(recipient_name as varchar) as name,
    cast(recipient_mobile as varchar) as mobile,
    cast(recipient_address as varchar) as address,
    cast(raw_id as varchar) as raw_id,
    cast(row_no as bigint) as row_no,
    cast(row_version(null, placed_at, exported_at, state_rank, raw_id, row_no) as varchar) as version
from tmall_orders cross join person_pads as k
where coalesce(recipient_name, recipient_mobile, recipient_address) is not null
