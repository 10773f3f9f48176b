"""What every connector to a live marketplace shares: facts, wire shapes, the loop that reads, limits, staging.

A connector adds `spec.py` (`API`: facts), `wire.py` (shapes of documents) and `client.py` (signs, asks for pages, reads
answers). Nothing here asks for a marketplace by name.
"""
