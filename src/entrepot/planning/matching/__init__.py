"""Matching: which SKUs a listing sells, proposed with a confidence and reasons; people decide.

`titles` reads what a title says, `features` compares two articles, `scoring` and `learning` say how probable it is that
they are one, `blocking` keeps the number of pairs small, `proposals` puts it together, `review` writes the list.
"""

from entrepot.planning.matching.learning import LearnedScorer
from entrepot.planning.matching.listings import TABLES_NEEDED, Decided, Listing, read_decided, read_listings, read_skus
from entrepot.planning.matching.proposals import Proposal, ProposedSku, propose, training_pairs
from entrepot.planning.matching.review import REVIEW_COLUMNS, review_rows, write_review
from entrepot.planning.matching.scoring import DefaultScorer, Scorer

__all__ = [
    "REVIEW_COLUMNS",
    "TABLES_NEEDED",
    "Decided",
    "DefaultScorer",
    "LearnedScorer",
    "Listing",
    "Proposal",
    "ProposedSku",
    "Scorer",
    "propose",
    "read_decided",
    "read_listings",
    "read_skus",
    "review_rows",
    "training_pairs",
    "write_review",
]
