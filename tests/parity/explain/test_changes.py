from __future__ import annotations

import refnet as rn
from parity.explain.changes import changes

O = rn.optimizers  # noqa: E741


def whats(opt):
    return {c.what: c for c in changes(opt)}


def test_every_change_is_another_optimizer_with_the_same_learning_rate():
    for opt in (O.SGD(0.3), O.Nesterov(0.3), O.Adam(0.3), O.AdamW(0.3), O.RMSProp(0.3)):
        found = changes(opt)
        assert found
        for change in found:
            assert type(change.optimizer) is type(opt)
            assert change.optimizer != opt
            assert change.optimizer.lr == 0.3
            assert change.systems
        assert len({c.what for c in found}) == len(found)


def test_what_the_systems_are_known_for():
    assert "keras" in whats(O.Adam(0.1))["eps_before_correction=True"].systems
    assert "torch" in whats(O.AdamW(0.1))["decay_kind='l2'"].systems
    assert "tensorflow1" in whats(O.AdaGrad(0.1))["initial_accumulator=0.1"].systems
    assert "torch" not in whats(O.Adam(0.1))["eps=1e-07"].systems


def test_a_moving_average_is_one_whatever_the_momentum():
    found = whats(O.Momentum(0.1, momentum=0.7))
    average = next(
        c for what, c in found.items() if "first_buffer='zeros'" in what and "dampening" in what
    )
    assert average.optimizer.dampening in (0.7, "momentum")


def test_small_changes_come_as_single_fields():
    sizes = [len(c.fields) for c in changes(O.Adam(0.1))]
    assert min(sizes) == 1 < max(sizes)


def test_the_two_forms_of_nesterov_change_together():
    assert whats(O.Nesterov(0.1))["nesterov=False, lookahead=True"].systems == ["ann_box"]
    assert (
        "torch" in whats(O.Nesterov(0.1, lookahead=True))["nesterov=True, lookahead=False"].systems
    )


def test_what_does_nothing_is_no_change():
    assert not any("decay_kind" in what for what in whats(O.Momentum(0.1)))
    assert any("decay_kind" in what for what in whats(O.Momentum(0.1, weight_decay=0.1)))


def test_clipping_left_out_is_what_every_optimizer_does_by_itself():
    assert "clip=None" in whats(O.SGD(0.1, clip="by_value(limit=0.5)"))
    assert "clip=None" not in whats(O.SGD(0.1))
