-- Blocking: of all SKUs only those are compared that share rare words with a listing. A word that more SKUs have than
-- `sku_max` says nothing about which of them it is; the rarer a word, the more it counts. The best `keep` stay.
with frequent as (
    select word, count(*) as skus from sku_words group by word
),
rare as (
    select s.sku_no, s.word, 1000000 // f.skus as weight
    from sku_words as s join frequent as f on s.word = f.word cross join blocking as b
    where f.skus <= b.sku_max
),
met as (
    select l.listing_no, r.sku_no, sum_exact(r.weight) as weight
    from listing_words as l join rare as r on l.word = r.word
    group by l.listing_no, r.sku_no
),
ranked as (
    select listing_no, sku_no, row_number() over (partition by listing_no order by weight desc, sku_no) as place from met
)
select cast(r.listing_no as bigint) as listing_no, cast(r.sku_no as bigint) as sku_no
from ranked as r cross join blocking as b
where r.place <= b.keep
