"""What the explorer of a Gaussian policy shows: by pgbook's estimators and quadrature."""

import numpy as np

from pgbook import estimators
from pgbook.explorers.gaussian import WAVE
from pgbook.policies import Gaussian


def meant(cost, mu, sigma, k):
    """The policy, the cost, both baselines, the gradient, the variances, and the estimates of a draw."""
    policy = Gaussian(mu, sigma)
    noise, weights = np.polynomial.hermite_e.hermegauss(100)
    weights, x = weights / weights.sum(), mu + sigma * noise

    def f(x):
        return np.cos(k * x) if cost == WAVE else (x - k) ** 2

    def slope(x):
        return -k * np.sin(k * x) if cost == WAVE else 2 * (x - k)

    squares = policy.score(x)[:, 0] ** 2
    baselines = [0, weights @ f(x), (weights * squares) @ f(x) / (weights @ squares)]

    def estimates(x):
        scores = [estimators.score_function(policy, x, f(x), baseline)[:, 0] for baseline in baselines]
        return np.array([*scores, estimators.pathwise(policy, x, slope(x))[:, 0]])

    gradient = weights @ estimates(x)[-1]
    return policy, f, baselines[1:], gradient, (estimates(x) - gradient) ** 2 @ weights, estimates


def check_numbers(live, settings):
    policy, f, baselines, gradient, variances, estimates = meant(**settings)
    signals = [live.signal(name) for name in ("mean", "best", "gradient")]
    np.testing.assert_allclose(signals, [*baselines, gradient], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(live.rows("estimates", "variance")[0], variances, rtol=1e-9, atol=1e-9)
    x, *found = live.rows("draws", "x", "density", "f", *(f"e{j}" for j in range(4)))
    expected = [np.exp(policy.log_prob(x)), f(x), *estimates(x)]
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def check_picture(live, settings):
    """Bars are as long as variances, curves as high as what they stand for; what goes beyond has an arrow."""
    policy, f, _, _, variances, estimates = meant(**settings)
    wave = settings["cost"] == WAVE
    cost, highest, longest = ([-1, 1], 4, 3) if wave else ([0, 9], 20, 120)

    def at(scale, value, domain):
        low, high = live.range(scale)
        return low + (high - low) * (value - domain[0]) / (domain[1] - domain[0])

    length = at("bars_x", np.minimum(variances, longest), [0, longest])
    np.testing.assert_allclose(live.boxes("bars")[:, 2], length, atol=0.02)
    x = live.rows("draws", "x")[0]
    estimate = estimates(x)
    for j in range(4):
        y = at("draws_y", estimate[j], [-highest, highest])
        drawn = live.line(f"e{j}")
        np.testing.assert_allclose(drawn, np.transpose([at("draws_x", x, [-5, 5]), y]), atol=0.01)
    above = live.line("policy")[: len(x)]
    density = at("policy_y", np.exp(policy.log_prob(x)), [0, 1])
    np.testing.assert_allclose(above, np.transpose([at("policy_x", x, [-5, 5]), density]), atol=0.01)
    along = np.linspace(-5, 5, 101)
    np.testing.assert_allclose(live.line("cost")[:, 1], at("cost_y", f(along), cost), atol=0.01)
    # Arrows: where a curve leaves, if it does; at a density, and at bars that are cut.
    gone = {f"e{j}" for j in range(4) if np.abs(estimate[j]).max() > highest}
    exits = live.rows("exits", "estimate")[0] if gone else []
    assert {*exits} == gone
    drawn = live.box.locator(".picture > :not(.ghost) text").all_text_contents()
    peak = settings["sigma"] < 1 / np.sqrt(2 * np.pi)
    assert sum(text.startswith(("▲", "▼")) for text in drawn) == len(exits) + peak
    assert drawn.count("▶") == np.sum(variances > longest)


def check_text(live):
    """The examples of the text."""
    for task, quietest, variances in [
        ("square, σ = 1", "pathwise", [30, 18, 14, 4]),
        ("square, σ = 0.1", "pathwise", [114.15, 8.1, 8.06, 0.04]),
        ("wave, k = 1", "pathwise", [0.32, 0.43, 0.32, 0.27]),
        ("wave, k = 2", "best baseline", [0.44, 0.46, 0.41, 1.94]),
    ]:
        live.choose(task)
        np.testing.assert_allclose(live.rows("estimates", "variance")[0], variances, atol=0.005)
        assert f"Quietest: {quietest}" in live.box.locator(".picture > :not(.ghost) .status").text_content()
    # With a cost that is the same everywhere, none of three is the quietest.
    live.set_controls({"k": 0})
    assert "Three estimates" in live.box.locator(".picture > :not(.ghost) .status").text_content()


def check_drag(live):
    """The density follows the mouse, by its top or at any place, and its spread by its knob."""
    left, right = live.range("draws_x")
    unit, foot = (right - left) / 10, live.range("policy_y")[0]
    live.drag("centre", (left + 4 * unit, foot))
    assert live.settings() == live.start | {"mu": -1}
    live.drag("spread", (left + 4.5 * unit, foot))
    assert live.settings() == live.start | {"mu": -1, "sigma": 0.5}
    x, _, width, _ = live.boxes("policy")[0]
    live.drag("policy", (x + width / 2 + 2 * unit, foot))
    assert live.settings() == live.start | {"mu": 1, "sigma": 0.5}
