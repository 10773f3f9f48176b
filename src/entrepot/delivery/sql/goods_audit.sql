-- Goods of ours and of the ERP beside each other, document by document and product by product, where they are not the same.
with sides as (
    select document_id, company, product, quantity as pieces, cast(0 as bigint) as their_pieces from our_goods
    union all
    select document_id, company, product, cast(0 as bigint) as pieces, quantity as their_pieces from their_goods
),
compared as (
    select document_id, company, product, sum_exact(pieces) as pieces, sum_exact(their_pieces) as their_pieces
    from sides group by document_id, company, product
)
select
    cast(document_id as varchar) as document_id,
    cast(company as varchar) as company,
    cast(product as varchar) as product,
    cast(pieces as bigint) as pieces,
    cast(their_pieces as bigint) as their_pieces
from compared where pieces <> their_pieces
