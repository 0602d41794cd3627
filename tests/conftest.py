"""What all tests share: property tests try the same examples on every run and every machine."""

from hypothesis import settings

settings.register_profile("pgbook", derandomize=True, database=None, deadline=None, max_examples=25)
settings.load_profile("pgbook")
