-- Rows that were not understood, with their file.
select
    cast(r.raw_id as varchar) as raw_id,
    cast(r.row_no as bigint) as row_no,
    cast(f.file_name as varchar) as file_name,
    cast(r.format as varchar) as format,
    cast(f.channel as varchar) as channel,
    cast(split_part(r.reject, ':', 1) as varchar) as reason,
    cast(nullif(split_part(r.reject, ':', 2), '') as varchar) as field,
    cast(nullif(split_part(r.reject, ':', 3), '') as varchar) as code_value,
    cast(null as varchar) as mapping_version
from raw_rows as r join raw_files as f on r.raw_id = f.raw_id
where r.reject is not null
