"""The recorded runs: they are of the program as it stands, and the program makes such recordings."""

import json

import numpy as np
import pytest

from booktools import train

FILES = sorted(train.FOLDER.glob("*.json"))


def states(recording):
    """Return ``(step, answer)`` for every answer of a recording."""
    return [
        (step, answer)
        for step in recording["steps"]
        for group in step["groups"]
        for answer in group["answers"]
    ]


def check_form(recording, name):
    """Check what holds of every recording, whatever the numbers are."""
    how = train.BOOK | train.VARIANTS[name]
    assert recording["settings"] == train.settings(how, train.SEED)
    assert {len(curve) for curve in recording["curves"].values()} == {recording["curves"]["step"][-1]}
    for step, answer in states(recording):
        pi, old, ref, c, size = (
            np.array(answer[key]) for key in ("pi", "pi_old", "pi_ref", "weight", "gradient")
        )
        w, A = pi / old, answer["advantage"]
        counts = np.array([state != "m" for state in answer["state"]])
        alive = np.array([state == "a" for state in answer["state"]])
        np.testing.assert_allclose(
            c, counts * (w * A * alive + how["penalty"] * (ref / pi - 1)), atol=2e-3, rtol=2e-3
        )
        clear = abs(abs(w - 1) - how["eps"]) > 2e-3  # π has four digits
        assert (alive == counts & ~np.array(train.dead(w, A, how["eps"])))[clear].all()
        length = max(1, counts.sum()) if how["length"] == "own" else train.LONGEST
        # The score is between e_a − π with the rest of π spread evenly, and with all of it in one token.
        least, most = ((1 - pi) * np.sqrt(1 + share) for share in (1 / train.END, 1))
        scale = abs(c) / (train.GROUP * length)
        assert (size >= 0.99 * scale * least - 1e-5).all()
        assert (size <= 1.01 * scale * most + 1e-5).all()
        if how["temperature"] == 1 and step["update"] == 1:
            np.testing.assert_allclose(w, 1, rtol=1e-3)


def test_every_variant_is_recorded_in_less_than_a_megabyte():
    assert {path.stem for path in FILES} == set(train.VARIANTS)
    assert sum(path.stat().st_size for path in FILES) < 1_000_000


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_recording_is_of_the_program_as_it_stands(path):
    recording = json.loads(path.read_text(encoding="utf-8"))
    check_form(recording, path.stem)
    assert recording["curves"]["step"][-1] == train.BATCHES
    assert [step["step"] for step in recording["steps"]] == sorted(2 * train.KEPT)


@pytest.mark.slow
@pytest.mark.parametrize("name", train.VARIANTS)
def test_the_program_records_such_a_run(name):
    recording = json.loads(json.dumps(train.train(name, batches=2)))
    check_form(recording, name)
    assert sum(weights.numel() for weights in train.Transformer().parameters()) == 102_918
    # Where another CPU rounds otherwise, a token drawn at the edge of its interval is another one.
    kept = json.loads((train.FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    pairs = [(a, b) for (_, a), (_, b) in zip(states(recording)[:24], states(kept), strict=False)]
    same = [(a["pi"], b["pi"]) for a, b in pairs if a["tokens"] == b["tokens"]]
    assert len(same) >= 20
    for mine, kept in same:
        np.testing.assert_allclose(mine, kept, rtol=0.02)
