-- The macros of the dialect. A query calls them like functions; they are replaced on the tree, by name, before the
-- text is generated for an engine, so both engines compute the same expression. The linter reads these bodies too.
-- An argument is written out as often as its name occurs: pass columns, not long expressions, where it matters.

-- Text without tabs, line ends, ordinary, no-break (U+00A0) and ideographic (U+3000) blanks and U+FEFF at both ends.
create macro edges_trimmed(s) as
    regexp_replace(s, '\A[ \t\r\n\x{A0}\x{FEFF}\x{3000}]+|[ \t\r\n\x{A0}\x{FEFF}\x{3000}]+\z', '', 'g');

-- Text taken out of the ="..." that exports write to keep a spreadsheet from reading a number.
create macro unwrapped(s) as
    case when regexp_matches(s, '\A="(?s:.)*"\z') then substr(s, 3, length(s) - 3) else s end;

-- Text of a spreadsheet cell: no blanks at the ends, no ="..." around it, not one leading ' or `; null when nothing
-- is left. All branches but the last are only for speed.
create macro cell(s) as
    case when regexp_matches(s, '\A[^ \t\r\n\x{A0}\x{FEFF}\x{3000}''`=]((?s:.)*[^ \t\r\n\x{A0}\x{FEFF}\x{3000}])?\z')
         then s
         when regexp_matches(s, '\A="[A-Za-z0-9_.#-]+"\z') then substr(s, 3, length(s) - 3)
         when regexp_matches(s, '\A\t?[A-Za-z0-9_.#-]+\t?\z') then replace(s, chr(9), '')
         else nullif(edges_trimmed(regexp_replace(edges_trimmed(unwrapped(edges_trimmed(s))), '\A[''`]', '', 'g')), '')
    end;

-- BIGINT fen from yuan text: at most 15 digits, at most 2 decimals, a minus allowed; null when the text is anything
-- else (1e3, 1,234.50, blanks, full-width digits, .5, 1.505). The first branch is only for speed.
create macro fen_from_yuan(s) as
    case when regexp_matches(s, '\A-?[0-9]{1,12}([.][0-9]{1,2})?\z')
         then cast(cast(s as decimal(18, 2)) * 100 as bigint)
         when regexp_matches(s, '\A-?[0-9]{1,15}([.][0-9]{1,2})?\z')
         then cast(cast(s as decimal(38, 2)) * 100 as bigint)
    end;

-- True when fen_from_yuan loses nothing: the text is null or an exact amount. Never null.
create macro is_yuan(s) as
    s is null or coalesce(regexp_matches(s, '\A-?[0-9]{1,15}([.][0-9]{1,2})?\z'), false);

-- BIGINT minor units from decimal text for a currency with 0, 2 or 3 digits (JPY, USD, KWD); up to 6 zeros beyond
-- the digits are accepted; null when the text or the number of digits is anything else.
create macro minor_from_decimal(s, digits) as
    case when digits = 0 and regexp_matches(s, '\A-?[0-9]{1,15}([.]0{1,6})?\z')
         then cast(split_part(s, '.', 1) as bigint)
         when digits = 2 and regexp_matches(s, '\A-?[0-9]{1,15}([.][0-9]{1,2}0{0,6})?\z')
         then cast(cast(s as decimal(38, 2)) * 100 as bigint)
         when digits = 3 and regexp_matches(s, '\A-?[0-9]{1,15}([.][0-9]{1,3}0{0,6})?\z')
         then cast(cast(s as decimal(38, 3)) * 1000 as bigint)
    end;

-- The text without the commas that group its thousands (1,250.00); any other text as it is. For a currency with three
-- digits a comma alone could be a decimal one, so there 1,250 stays and is refused.
create macro ungrouped(s, digits) as
    case when regexp_matches(s, '\A-?[0-9]{1,3}(,[0-9]{3}){1,4}([.][0-9]+)?\z') and (digits < 3 or contains(s, '.'))
         then replace(s, ',', '') else s
    end;

-- Date from the spellings that spreadsheets give: YYYY-MM-DD with -, / or ., month and day with one digit or two, as
-- 2026年9月1日 or as YYYYMMDD; a midnight may follow. Null for any other text, for dates that do not exist and where the
-- year does not stand first, for then month and day could be either.
create macro day_from_text(s) as
    case when regexp_matches(s, '\A[12][0-9]{3}(-[0-9]{1,2}-|/[0-9]{1,2}/|[.][0-9]{1,2}[.]|年[0-9]{1,2}月)[0-9]{1,2}日?( 0{1,2}:00(:00)?)?\z')
         then try_cast(
             substr(s, 1, 4) || '-' || lpad(regexp_extract(s, '\A[0-9]{4}[-/.年]([0-9]{1,2})', 1), 2, '0') || '-'
             || lpad(regexp_extract(s, '\A[0-9]{4}[-/.年][0-9]{1,2}[-/.月]([0-9]{1,2})', 1), 2, '0') as date)
         when regexp_matches(s, '\A[12][0-9]{7}\z')
         then try_cast(substr(s, 1, 4) || '-' || substr(s, 5, 2) || '-' || substr(s, 7, 2) as date)
    end;

-- Text YYYY-MM-DD HH:MM:SS from a local time that a spreadsheet saved again: slashes, no leading zeros, no seconds.
-- The caller has checked the shape.
create macro padded_local(s) as
    substr(s, 1, 4)
    || '-' || lpad(split_part(replace(s, '/', '-'), '-', 2), 2, '0')
    || '-' || lpad(split_part(split_part(replace(s, '/', '-'), '-', 3), ' ', 1), 2, '0')
    || ' ' || lpad(split_part(split_part(s, ' ', 2), ':', 1), 2, '0')
    || ':' || lpad(split_part(s, ':', 2), 2, '0')
    || ':' || lpad(split_part(s, ':', 3), 2, '0');

-- Instant from Beijing local text: YYYY-MM-DD HH:MM[:SS], with - or /, month, day and hour with one digit or two;
-- years 1000 to 2999; null for any other text and for dates that do not exist.
create macro instant_from_beijing(s) as
    case when regexp_matches(s, '\A[12][0-9]{3}-[0-9]{2}-[0-9]{2} ([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\z')
         then try_cast(s || '+08:00' as timestamptz)
         when regexp_matches(s, '\A[12][0-9]{3}(-[0-9]{1,2}-[0-9]{1,2}|/[0-9]{1,2}/[0-9]{1,2}) ([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?\z')
         then try_cast(padded_local(s) || '+08:00' as timestamptz)
    end;

-- Text +HH:MM of the zone at the end of an instant: Z and UTC are +00:00. The caller has checked the shape.
create macro offset_text(s) as
    case when regexp_matches(s, '(Z|UTC)\z') then '+00:00'
         else substr(regexp_extract(s, '[+-][0-9]{2}:?[0-9]{2}\z', 0), 1, 3) || ':' || right(s, 2)
    end;

-- Instant from text that names its zone: YYYY-MM-DD, T or a blank, HH:MM:SS, up to 6 decimals, then Z, UTC, +HH:MM
-- or +HHMM (a blank before it allowed); null for any other text and for dates that do not exist.
create macro instant_from_offset(s) as
    case when regexp_matches(s, '\A[12][0-9]{3}-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,6})?(Z| ?UTC| ?[+-](0[0-9]|1[0-4]):?[0-5][0-9])\z')
         then try_cast(
             substr(s, 1, 10) || ' ' || substr(s, 12, 8) || regexp_extract(s, '[.][0-9]{1,6}', 0) || offset_text(s)
             as timestamptz)
    end;

-- Text with the year first from text that begins DD.MM.YYYY or writes days with slashes; any other text as it is.
create macro year_first(s) as
    case when regexp_matches(s, '\A[0-9]{2}[.][0-9]{2}[.][0-9]{4}')
         then substr(s, 7, 4) || '-' || substr(s, 4, 2) || '-' || substr(s, 1, 2) || substr(s, 11)
         else replace(s, '/', '-') end;

-- Instant from text as for instant_from_offset; a time without a zone is UTC, a day without a time begins there.
create macro instant_or_utc(s) as
    instant_from_offset(s || case when length(s) = 10 then ' 00:00:00 UTC' when length(s) = 19 then ' UTC' else '' end);

-- Decimal text with a point from text with a decimal comma (1.234,56); text without a comma as it is; null where the
-- comma could group thousands. digits: decimals of the currency.
create macro point_from_comma(s, digits) as
    case when not contains(s, ',') then s
         when regexp_matches(s, '\A-?([0-9]{1,15}|[0-9]{1,3}([.][0-9]{3}){1,4}),([0-9]{1,2}|[0-9]{3})\z')
              and (digits = 3 or not regexp_matches(s, ',[0-9]{3}\z'))
         then replace(replace(s, '.', ''), ',', '.') end;

-- Text YYYY-MM of an instant in Beijing.
create macro month_in_beijing(ts) as strftime(ts + interval 8 hour, '%Y-%m');

-- Date of an instant in Beijing.
create macro day_in_beijing(ts) as cast(ts + interval 8 hour as date);

-- Text YYYY-MM of an instant in UTC.
create macro month_in_utc(ts) as strftime(ts, '%Y-%m');

-- BIGINT product of two BIGINTs; an error, never a wrapped number, when it does not fit.
create macro product_exact(a, b) as cast(cast(a as decimal(38, 0)) * cast(b as decimal(38, 0)) as bigint);

-- BIGINT sum of two BIGINTs; an error, never a wrapped number, when it does not fit.
create macro plus_exact(a, b) as cast(cast(a as decimal(38, 0)) + cast(b as decimal(38, 0)) as bigint);

-- BIGINT sum over rows; null over nothing; an error when it does not fit. FILTER and OVER may follow it.
create macro sum_exact(x) as cast(sum(cast(x as decimal(38, 0))) as bigint);

-- BIGINT a / b rounded half away from zero, exact over the whole range; an error unless b > 0.
create macro half_up_div(a, b) as
    (a // case when b > 0 then b else 0 end)
    + case when a % b >= b - a % b then 1 when -(a % b) >= b + a % b then -1 else 0 end;

-- BIGINT a / n rounded down, also for negative a; n > 0, and |a| + n must fit into a BIGINT.
create macro floor_div(a, n) as (a - (((a % n) + n) % n)) // n;

-- BIGINT VAT inside a gross amount; rate_bp is the rate in basis points: 1300 is 13 %. Half away from zero.
create macro vat_inside(gross_minor, rate_bp) as half_up_div(product_exact(gross_minor, rate_bp), 10000 + rate_bp);

-- BIGINT share of an amount a >= 0 for weight w out of the total weight tw > 0, rounded down. See `allocate` below.
create macro share_floor(a, w, tw) as product_exact(a // tw, w) + product_exact(a % tw, w) // tw;

-- BIGINT remainder that share_floor left, between 0 and tw - 1.
create macro share_rest(a, w, tw) as product_exact(a % tw, w) % tw;

-- True for an id that a spreadsheet turned into a number in scientific notation: 2.89E+18. Such an id is lost.
create macro is_ruined_id(s) as
    regexp_matches(s, '\A-?([0-9]+[.][0-9]+[eE][+-]?[0-9]+|[0-9]+[eE][+][0-9]+)\z');

-- True for an id as it should be: not empty, ASCII letters, digits and - _ . # only, not ruined. Never null.
create macro is_plain_id(s) as
    coalesce(regexp_matches(s, '\A[A-Za-z0-9_.#-]+\z') and not is_ruined_id(s), false);

-- Text of 32 hex digits: MD5 of the text as UTF-8. For comparing contents, not for secrets.
create macro digest(s) as md5(s);

-- Text of 14 digits for an instant in UTC to the second, zeros when null.
create macro instant_digits(ts) as coalesce(strftime(cast(ts as timestamptz), '%Y%m%d%H%M%S'), '00000000000000');

-- Text that sorts as the versions of a row do: modification, event and export instant, state rank (0 to 999), raw_id,
-- row number in the file (from 0). The greatest text is the newest version.
create macro row_version(modified_at, event_at, export_at, state_rank, raw_id, row_no) as
    instant_digits(modified_at) || '|' || instant_digits(event_at) || '|' || instant_digits(export_at)
    || '|' || lpad(cast(coalesce(state_rank, 0) as varchar), 3, '0')
    || '|' || coalesce(raw_id, '')
    || '|' || lpad(cast(coalesce(row_no, 0) as varchar), 10, '0');

-- Text of 64 hex digits: HMAC-SHA-256 of the message as UTF-8. k_inner and k_outer come from hmac_pads(key) and are
-- bound as columns of a one-row table, never written into a text. Null when the message is null.
create macro person_key(k_inner, k_outer, message) as
    sha256(encode(k_outer) || unhex(sha256(k_inner || message)));

-- allocate, by largest remainder, is a query and no expression, for it needs two levels of windows. `lines` has one
-- row per line: order_id, n (line number), amount (BIGINT of the order, any sign), weight (BIGINT, >= 0, or null):
--
--   with weighed as (
--       select order_id, n, abs(amount) as a, case when amount < 0 then -1 else 1 end as sg,
--              case when sum_exact(weight) over (partition by order_id) > 0 then coalesce(weight, 0) else 1 end as w
--       from lines),
--   totals as (select order_id, n, a, sg, w, sum_exact(w) over (partition by order_id) as tw from weighed),
--   floors as (select order_id, n, a, sg, share_floor(a, w, tw) as fl, share_rest(a, w, tw) as rest from totals),
--   ranked as (select order_id, n, a, sg, fl, sum_exact(fl) over (partition by order_id) as given,
--                     row_number() over (partition by order_id order by rest desc nulls last, n) as k from floors),
--   parts as (select order_id, n, sg, fl + case when k <= a - given then 1 else 0 end as part from ranked)
--   select order_id, n, case when sg < 0 then -part else part end as share from parts
--
-- The shares of an order add up to its amount exactly; weights that are all zero count as one each.
