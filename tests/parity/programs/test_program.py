"""Programs run with another module in the place of their import, and leave nothing behind."""

from __future__ import annotations

import random
import sys
import types

import numpy as np
import pytest

from parity.errors import SelectionError
from parity.programs.program import Enough, Program

FORMS = [
    "import tensorflow as tf",
    "import tensorflow.compat.v1 as tf",
    "import refnet.tf1 as tf",
    "from tensorflow.compat import v1 as tf",
    "from refnet import tf1 as tf",
    "import math, tensorflow as tf",
    "def main():\n    global tf\n    import tensorflow as tf\nmain()",
]


@pytest.fixture(autouse=True)
def stand_in(monkeypatch):
    module = types.ModuleType("stand_in")
    module.name = "the stand-in"
    monkeypatch.setitem(sys.modules, "stand_in", module)
    return module


def run(tmp_path, text, *argv, **options):
    file = tmp_path / "program.py"
    file.write_text(text, "utf-8")
    return Program(file, argv).run("stand_in", **options)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_the_import_is_replaced(tmp_path, form):
    assert run(tmp_path, f"{form}\nprint(tf.name)") == "the stand-in\n"


def test_other_imports_are_left_alone(tmp_path):
    text = "from math import pi, tau\nimport tensorflow\nprint(tensorflow.name, pi < tau)"
    assert run(tmp_path, text) == "the stand-in True\n"


@pytest.mark.parametrize(
    "text",
    [
        "import numpy as np",
        "import tensorflow.compat.v1",
        "from tensorflow import keras",
        "",
        "x =",
    ],
)
def test_what_is_no_program_of_tensorflows_is_refused(tmp_path, text):
    with pytest.raises(SelectionError, match=r"program\.py"):
        run(tmp_path, text)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(SelectionError, match="cannot be read"):
        Program(tmp_path / "missing.py").run("stand_in")


def test_the_program_is_main_with_its_arguments_and_the_files_beside_it(tmp_path):
    (tmp_path / "beside_the_program.py").write_text("answer = 42")
    kept = sys.modules["__main__"], list(sys.argv), list(sys.path)
    text = (
        "import sys, tensorflow as tf\nfrom beside_the_program import answer\n"
        "if __name__ == '__main__':\n    print(sys.argv[1:], answer, __file__ == sys.argv[0])\n"
    )
    assert run(tmp_path, text, "--steps", "3") == "['--steps', '3'] 42 True\n"
    assert (sys.modules["__main__"], sys.argv, sys.path) == kept
    del sys.modules["beside_the_program"]


def test_the_file_is_not_changed(tmp_path):
    text = "import tensorflow as tf  # as it stands\n"
    run(tmp_path, text)
    assert (tmp_path / "program.py").read_text() == text


def test_global_generators_are_seeded_anew_and_put_back(tmp_path):
    text = (
        "import random, numpy as np, tensorflow as tf\nprint(np.random.rand(), random.random())\n"
    )
    before = np.random.get_state()[1].copy(), random.getstate()  # noqa: NPY002
    first, second, other = run(tmp_path, text), run(tmp_path, text), run(tmp_path, text, seed=1)
    assert first == second != other
    assert np.array_equal(np.random.get_state()[1], before[0])  # noqa: NPY002
    assert random.getstate() == before[1]


def test_enough_and_a_plain_exit_end_a_program(tmp_path, stand_in):
    stand_in.Enough = Enough
    ends = ["raise tf.Enough", "raise SystemExit", "import sys; sys.exit(0)"]
    for end in ends:
        text = f"import tensorflow as tf\nprint(1)\n{end}\nprint(2)"
        assert run(tmp_path, text) == "1\n"
    with pytest.raises(SystemExit, match="3"):
        run(tmp_path, "import tensorflow as tf\nraise SystemExit(3)")


def test_what_a_program_raises_has_its_own_line(tmp_path):
    with pytest.raises(ZeroDivisionError) as caught:
        run(tmp_path, "import tensorflow as tf\n\nx = 1 / 0")
    assert caught.traceback[-1].lineno == 2  # counted from 0
    assert str(caught.traceback[-1].path).endswith("program.py")
