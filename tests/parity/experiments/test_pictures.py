from __future__ import annotations

import numpy as np
import pytest

from parity.experiments import pictures
from parity.experiments.finding import as_page


@pytest.fixture(scope="module")
def found():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pictures, "L_LAYER", pictures.L_LAYER._replace(updates=20))
        patch.setattr(pictures, "DFN", pictures.DFN._replace(updates=46))
        patch.setattr(pictures, "DESCENT", 30)
        return pictures.run()


def test_every_picture_is_drawn_and_every_claim_holds(found):
    assert [claim for claim in found.claims if not claim.holds] == []
    assert set(found.pictures) == {
        "cost_l_layer",
        "cost_dfn",
        "sgd_and_momentum",
        "step_and_sigmoid",
        "tower",
        "towers",
    }
    page = as_page(found)
    for stem, svg in found.pictures.items():
        assert f"pictures/{stem}.svg" in page
        assert 10_000 < len(svg) < 120_000


def test_costs_that_differ_are_noticed(monkeypatch):
    own = pictures.Costs.of

    def of(self, what, spec):
        return own(self._replace(optimizer={"lr": 0.04 if spec == "refnet" else 0.05}), what, spec)

    monkeypatch.setattr(pictures.Costs, "of", of)
    costs = pictures.L_LAYER._replace(updates=20)
    assert not pictures._costs("stem", "title", costs, "torch", 20).claim.holds


def test_costs_fall():
    values = pictures.DFN._replace(updates=230).of("64-30-10", "refnet")
    assert values.shape == (230,)
    assert np.mean(values[-23:]) < np.mean(values[:23])
