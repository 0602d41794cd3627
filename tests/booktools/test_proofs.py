"""What proofs/ states belongs to the book as it is; Coq accepts it, and nothing that was changed."""

import os
import re
import shutil

import pytest

from booktools import notebooks, proofs

PROOFS = notebooks.ROOT / "proofs"
JACOBIAN = "π a * (δ a b - π b)"


@pytest.fixture(scope="module")
def target(tmp_path_factory):
    """Return a folder with the compiled proofs; skip where Coq is missing, or fail if REQUIRE_COQ is set."""
    if not proofs.here():
        pytest.fail(proofs.MISSING) if os.environ.get("REQUIRE_COQ") else pytest.skip(proofs.MISSING)
    target = tmp_path_factory.mktemp("proofs")
    proofs.compiled(target)
    return target


@pytest.fixture
def changed(tmp_path):
    """Return a function that copies the proofs, with one change in one of them."""

    def change(old, new, file="chapter_03.v"):
        folder = shutil.copytree(PROOFS, tmp_path / "changed")
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
        return folder

    return change


def test_every_statement_is_of_an_equation_as_it_is_displayed_and_a_wrong_version_is_refuted():
    assert proofs.problems() == []
    labels = [one.label for one in proofs.statements()]
    assert len(labels) == len(set(labels)) >= 80
    assert all(one.refutation.split(":", 1)[1] != one.text.split(":", 1)[1] for one in proofs.statements())


def test_every_word_of_a_statement_is_bound_there_or_defined_or_explained_on_the_page():
    page = (notebooks.ROOT / "chapters/appendix/proofs.md").read_text(encoding="utf-8")
    explained = " ".join(re.findall("`([^`\n]+)`", page))
    word, defined = r"[^\W\d][\w']*", r"^(?:Definition|Fixpoint|Record) (\w+)"
    binds = r"(?:forall|exists) ([^,]*),|let ([^:=]*):=|fun ([^=]*)=>|[ΣE] (\w+ )+[∈∼]"
    for one in proofs.statements():
        files = [*PROOFS.glob(f"{one.file[:10]}*.v"), PROOFS / "Sums.v", PROOFS / "Derivatives.v"]
        sources = [path.read_text(encoding="utf-8") for path in files]
        known = {name for source in sources for name in re.findall(defined, source, re.MULTILINE)}
        known |= set(re.findall(word, " ".join([explained, *(source.split("*)")[0] for source in sources)])))
        for text in (one.text.split(":", 1)[1], one.refutation.split(":", 1)[1]):
            bound = " ".join(" ".join(names) for names in re.findall(binds, text))
            assert set(re.findall(word, text)) <= known | set(re.findall(word, bound)), one.name


def test_no_equation_has_both_a_proof_and_a_reason_why_it_has_none_and_none_has_two():
    given = proofs.unproved()
    labels = [label for reason in given.values() for label in reason]
    shown = {
        label for path in notebooks.chapters() for label in proofs.labelled(path) if label.startswith("eq-")
    }
    assert len(labels) == len(set(labels))
    assert set(labels) == shown - {one.label for one in proofs.statements()}


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("eq-softmax-jacobian", "eq-softmax-jacobain", "eq-softmax-jacobain is not in chapter 03"),
        ("eq-softmax-jacobian ", "eq-softmax-jacobian 0", "theorem softmax_jacobian carries no label"),
        ("Theorem softmax_jacobian_wrong", "Lemma softmax_jacobian_wrong", "has no refuted version"),
        ("now apply D_softmax. Qed.", "Admitted.", "chapter_03.v: Admitted"),
        ("Lemma ", "Axiom cheap : 0 = 1.\n\nLemma ", "chapter_03.v: Axiom"),
        (
            "Lemma ",
            "Theorem unlabelled : True.\nProof. easy. Qed.\n\nLemma ",
            "theorem unlabelled carries no",
        ),
    ],
    ids=["label", "fingerprint", "refutation", "Admitted", "Axiom", "unlabelled"],
)
def test_what_is_not_linked_not_refuted_or_not_proved_is_found_without_coq(changed, old, new, problem):
    assert any(problem in found for found in proofs.problems(changed(old, new)))


def test_an_equation_that_changes_asks_for_another_look(monkeypatch):
    displayed = proofs.labelled

    def with_another_sign(path):
        return {label: latex.replace("-", "+") for label, latex in displayed(path).items()}

    monkeypatch.setattr(proofs, "labelled", with_another_sign)
    assert any("eq-softmax-jacobian has changed" in found for found in proofs.problems())


@pytest.mark.slow
def test_coq_accepts_every_proof_and_uses_the_listed_axioms_only(target):
    assert proofs.axioms(target) <= proofs.AXIOMS


@pytest.mark.slow
def test_the_independent_checker_finds_the_listed_axioms_in_all_that_is_loaded(target):
    assert proofs.rechecked(target) == proofs.AXIOMS


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (JACOBIAN, "π a * (δ a b + π b)"),
        ("~ forall K z a b, b ∈ K ->", "~ forall K z a b, K ∈ 0 -> b ∈ K ->"),
        ("now apply D_softmax. Qed.", "Qed."),
    ],
    ids=["sign", "a refutation of nothing", "no proof"],
)
def test_coq_refuses_a_changed_statement(target, changed, tmp_path, old, new):
    copy = shutil.copytree(target, tmp_path / "target")
    with pytest.raises(ValueError, match="chapter_03"):
        proofs.compiled(copy, changed(old, new))


@pytest.mark.slow
def test_an_axiom_that_slipped_in_is_named(target, changed, tmp_path):
    copy = shutil.copytree(target, tmp_path / "target")
    proofs.compiled(copy, changed("now apply D_softmax. Qed.", "Admitted."))
    assert proofs.axioms(copy) - proofs.AXIOMS == {"chapter_03.softmax_jacobian"}
