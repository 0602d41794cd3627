"""What all tests share: property tests try the same examples on every run and every machine.

`make fuzz FUZZ=2000` tries that many other, random ones for each property.
"""

import gc
import os
import sys

import pytest
from hypothesis import HealthCheck, Phase, settings

MANY = os.environ.get("FUZZ")
# For `make mutants`, that a test fails is enough; how small an example can be made takes minutes.
PHASES = set(Phase) - ({Phase.shrink, Phase.explain} if "mutmut" in sys.modules else set())
settings.register_profile(
    "pgbook", derandomize=True, database=None, deadline=None, max_examples=25, phases=PHASES
)
settings.register_profile(
    "fuzz",
    database=None,
    deadline=None,
    max_examples=int(MANY or 1),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("fuzz" if MANY else "pgbook")


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Import what is tested. It stays, so that looking for garbage in it, now or later, finds none."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session")
def solutions():
    """Return what only the solutions say, and their numbers."""
    from tests import solved

    return solved.there_alone()


@pytest.fixture(autouse=True, scope="module")
def _numbers_of_a_chapter_stay_with_its_tests():
    """Chapters set float64; what is tested after them, in the same process, may not."""
    yield
    if torch := sys.modules.get("torch"):
        torch.set_default_dtype(torch.float32)
