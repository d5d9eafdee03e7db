import pytest

from refnet.tf1 import app
from refnet.tf1.flags import Flag, Flags


@pytest.fixture
def flags():
    """Return flags of the test's own."""
    made = Flags()
    made.define("steps", Flag(10, "how many", int))
    made.define("rate", Flag(0.5, None, float))
    return made


def test_flags_have_their_defaults_and_those_of_the_command_line(flags):
    assert flags.parse(["program", "--steps=3", "--other", "x"]) == ["program", "--other", "x"]
    assert (flags.steps, flags.rate) == (3, 0.5)
    flags.rate = 0.25
    assert flags.rate == 0.25
    with pytest.raises(AttributeError, match="Did you mean 'steps'"):
        _ = flags.step


def test_flags_that_are_true_or_false(monkeypatch):
    monkeypatch.setattr(app.flags, "FLAGS", made := Flags())
    app.flags.DEFINE_boolean("log", False, "whether to log")
    app.flags.DEFINE_bool(flag_name="train", default_value=True, docstring="whether to train")
    for arguments, expected in (
        ([], (False, True)),
        (["--log", "--notrain"], (True, False)),
        (["--log=true", "--train=False"], (True, False)),
    ):
        made.parse(["program", *arguments])
        assert (made.log, made.train) == expected
    with pytest.raises(SystemExit):
        made.parse(["program", "--log=perhaps"])


def test_a_program_is_called_with_what_is_left(monkeypatch):
    monkeypatch.setattr(app.flags, "FLAGS", made := Flags())
    app.flags.DEFINE_string("name", "a", "a name")
    app.flags.DEFINE_integer("count", 1, "a number")
    app.flags.DEFINE_float("rate", 0.1, "a rate")

    called = []

    def main(argv):
        called.append((argv, made.name, made.count, made.rate))
        return 3

    with pytest.raises(SystemExit, match="3"):
        app.run(main, ["program", "--name=b", "--rate", "2", "rest"])
    assert called == [(["program", "rest"], "b", 1, 2.0)]
