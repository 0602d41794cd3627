"""What 48 learners do with a baseline or without."""

from tests.pages.explorers.learners_division import after_all_steps, check_drag, check_numbers, check_picture

__all__ = ["check_drag", "check_numbers", "check_picture", "check_text"]


def check_text(live):
    """The answers of the text."""
    assert after_all_steps(live, "all pay the same") == [21, 12, 13, 1, 1]
    assert after_all_steps(live, "the same, β = J") == [0, 0, 0, 1, 1]
    assert live.rows("sampled", "p")[0].tolist() == [[0.5, 0.25, 0.25]] * 48
    assert after_all_steps(live, "arm 2 pays more")[:3] == [16, 22, 9]
    assert after_all_steps(live, "arm 2, β = J")[:3] == [0, 48, 0]
