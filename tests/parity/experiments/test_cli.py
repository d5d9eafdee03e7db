from __future__ import annotations

import sys

import pytest

from parity.backends import AbsentError
from parity.experiments import command, mnist_mlp


@pytest.fixture
def experiment(call):
    return lambda *args: call("experiment", *args)


def test_help_lists_the_experiments(experiment):
    code, out, _ = experiment("--help")
    assert code == 0
    for name in ("mnist_dfn", "mnist_mlp", "pictures", "rnn_binary_addition", "sentiment"):
        assert f"\n  {name} " in out


@pytest.fixture
def reviews(tmp_path):
    for name, words in (
        ("good", "great superb lovely perfect"),
        ("bad", "boring awful dull bland"),
    ):
        lines = [f"{a} {b} film" for a in words.split() for b in words.split()]
        (tmp_path / name).write_text("\n".join(lines), "utf-8")
    return ["--positive", tmp_path / "good", "--negative", tmp_path / "bad"]


def test_an_experiment_from_end_to_end(experiment, tmp_path, reviews):
    args = ["sentiment", *reviews, "--epochs", "60", "--out", tmp_path / "out"]
    code, out, err = experiment(*args)
    assert code == 0, out + err
    assert "holds  refnet and torch agree" in out
    assert "an epoch took" in out
    page = tmp_path / "out" / "sentiment.md"
    assert f"wrote {page}" in out
    before = page.read_bytes()
    assert b" s in torch" not in before  # times stay on the terminal
    experiment(*args)
    assert page.read_bytes() == before


def test_a_claim_that_fails_is_exit_code_1(experiment, monkeypatch, tmp_path, small_mnist):
    def run(pool, backend):
        found = mnist_mlp.Claim("never", "not at all", False)
        return mnist_mlp.Finding("mnist_mlp", "Title", [found], [], {}, "parity")

    monkeypatch.setattr(mnist_mlp, "run", run)
    args = ["mnist_mlp", "--mnist", small_mnist, "--out", tmp_path]
    code, out, _ = experiment(*args)
    assert code == 1
    assert "FAILS  never: not at all" in out


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["mnist_dfn"], "--mnist"),
        (["mnist_dfn", "--mnist", "/nowhere"], "/nowhere"),
        (["sentiment", "--reviews", "r.txt"], "do not make a corpus"),
        (["sentiment", "--reviews", "/nowhere", "--labels", "/nowhere"], "/nowhere"),
        (["sentiment", "--word", "zzzz"], "zzzz"),
        (["pictures", "--backend", "torhc"], "torhc"),
        (["nothing"], "nothing"),
    ],
    ids=str,
)
def test_mistakes_are_exit_code_2(experiment, tmp_path, args, message):
    out_option = [] if args == ["nothing"] else ["--out", tmp_path]
    code, _, err = experiment(*args, *out_option)
    assert code == 2
    assert message in err
    assert "Traceback" not in err


def test_a_folder_that_cannot_be_made(experiment, tmp_path, reviews):
    (tmp_path / "file").write_text("")
    code, _, err = experiment("sentiment", *reviews, "--out", tmp_path / "file" / "o")
    assert code == 2
    assert "cannot be written to" in err


def test_without_matplotlib(experiment, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    code, _, err = experiment("pictures", "--out", tmp_path)
    assert code == 2
    assert "refnet[plots]" in err


def test_a_backend_that_is_not_there(experiment, monkeypatch, tmp_path, reviews):
    def adapter(spec):
        raise AbsentError(f"{spec} cannot be imported")

    monkeypatch.setattr(command, "adapter", adapter)
    code, _, err = experiment("sentiment", *reviews, "--out", tmp_path)
    assert code == 3
    assert "torch cannot be imported" in err
