"""How much memory a call needs."""

import tracemalloc


def peak(function, *args):
    """Return the most memory, in MB, that Python and NumPy allocate during a call.

    >>> round(peak(lambda: __import__("numpy").zeros(10**6).sum()))
    8
    """
    tracemalloc.start()
    try:
        function(*args)
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()
