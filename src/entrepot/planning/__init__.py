"""Planning: recommends, never acts. What it proposes takes effect only when a person has decided it.

`matching` proposes which SKUs a listing sells.
"""
