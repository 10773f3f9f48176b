"""Four ways to deploy two regions, as shipped settings of the same parts: permits, evidence, rhythm and transport."""
