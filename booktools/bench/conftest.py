"""What all measurements share: each belongs to a task, has a size, and says whose code it is."""

import pytest

from booktools.bench.memory import peak


@pytest.fixture
def measure(benchmark):
    """Return ``measure(task, size, who, function, *args)``, which returns what the function does.

    ``size`` is what a task grows with. ``part`` is the share of the task that is really run, where
    running all of it takes too long; times are divided by it. With ``memory``, one more call finds the most
    memory that Python and NumPy hold during it, beside what was there before, in MB.
    """

    def run(task, size, who, function, *args, rounds=7, part=1.0, memory=False):
        benchmark.group = f"{task}, {size:,}"
        benchmark.extra_info.update(task=task, size=size, who=who, part=part)
        result = benchmark.pedantic(function, args, rounds=rounds, warmup_rounds=1 if rounds > 3 else 0)
        if memory:
            benchmark.extra_info["peak"] = round(peak(function, *args))
        return result

    return run
