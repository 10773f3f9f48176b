-- Journals that are not zero in their own currency or in the company's. There is none unless we broke a promise.
select cast(journal_key as varchar) as journal_key
from exported_lines
group by journal_key
having sum_exact(amount_minor) <> 0 or sum_exact(functional_minor) <> 0
