"""Reports with one of everything in them, for the tests of what is made from reports."""

from __future__ import annotations

import math

from parity.cells import side
from parity.compare import Deviation
from parity.result import (
    SCHEMA_VERSION,
    Apart,
    Between,
    CellResult,
    Coverage,
    Header,
    Judge,
    Outlier,
    Report,
    Status,
    Tensor,
    TrainingResult,
)

HOSTILE = "\"><script>alert(1)</script> & 'x' \x00\u202e {{ 7 * 7 }} </script> javascript:alert(2)"
DTYPES = ("float16", "bfloat16", "float32", "float64")
# An operation of each kind, what is exact and what is built of other bounds among them.
OPS = {"conv2d": "typical", "relu": "kinks", "softmax": "saturated", "adam": "updates",
       "he_normal": "moments", "lstm": "edge shapes"}  # fmt: skip
UNCOMPARED = ("unsupported", "absent", "error")


def cell(op, name, dtype="float32", status="pass", ratio=0.5, backend="torch", **more):
    found = side(Deviation(1e-9, 2e-9, 3.0, ratio, 0, 0, 4, "y[0] = 1, expected 2 +- 0.1"))
    sides = {} if status in UNCOMPARED else {"actual": found, "other": found, "rtol": 1e-7}
    given = {"case": f"{op}/{name}", "op": op, "regime": OPS.get(op, "typical"), "dtype": dtype,
             "subject": "refnet", "backend": backend, "status": Status(status)}  # fmt: skip
    return CellResult(**{**given, **sides, **more})


def training(name, dtype="float32", status="pass", ratio=0.9, backend="torch", **more):
    trail = [(n, 1e-8 * 1.1**n, 3e-8 * 1.1**n) for n in range(1, 21)]
    given = {
        "case": f"xor/{name}", "op": "xor", "dtype": dtype, "subject": "refnet",
        "backend": backend, "status": Status(status),
    }  # fmt: skip
    ran = {
        "data": "the four cases", "steps": 30, "compared": 270,
        "subject_ratio": 0.5, "backend_ratio": ratio, "worst": "gradient of fc1.w",
        "tensors": [Tensor(name="loss", step=3, subject_ratio=0.5, backend_ratio=ratio)],
        "free_steps": 30, "followed": 30, "horizon": 21, "horizon_reason": "the twins are apart",
        "growth": 1.1, "distance": 6e-8, "envelope": 2e-7, "losses": [(30, 0.25, 0.25)],
        "accuracies": [0.5, 0.75], "trail": trail,
    }  # fmt: skip
    return TrainingResult(**{**given, **({} if status in UNCOMPARED else ran), **more})


def hostile():
    """Results whose every text is somebody else's."""
    return [
        cell("add", "nasty", status="fail", ratio=math.inf, reason=HOSTILE),
        cell("add", "gone", status="error", reason=HOSTILE),
        cell(f"own{HOSTILE}", HOSTILE, status="fail", ratio=math.nan, reason=HOSTILE),
    ]


def report(passing=150, *, backends=("torch",), more=()):
    """A report of ``passing`` cells that pass, some of every other status, and training runs."""
    ops = list(OPS)
    cells = [
        cell(ops[i % len(ops)], f"case-{i}", DTYPES[i // 7 % 4], ratio=(i % 97) / 97, backend=b)
        for i in range(passing)
        for b in backends
    ]
    cells += [
        cell("relu", "kinks", ratio=math.inf, status="known", reason="It returns -0 for -0.",
             deviation="torch-relu-negative-zero"),
        cell("softmax", "forgotten", ratio=20.0, status="known", reason="So it was.",
             deviation="no-longer-there"),
        cell("conv2d", "wrong", "float64", status="fail", ratio=2e5, reason="sides part"),
        cell("conv2d", "stale", status="stale", ratio=0.1, reason="the entry no longer holds"),
        cell("lstm", "missing", status="unsupported", reason="torch has no peepholes"),
        cell("lstm", "alone", status="absent", reason="nothing to compare with"),
        cell("lstm", "raised", status="error", reason="ValueError: no"),
        *more,
    ]  # fmt: skip
    trainings = [
        training("sources"),
        training("sources", "float64", horizon=None, horizon_reason=""),
        training("adam", status="fail", ratio="inf", reason="sides part",
                 backend_apart=Apart(step=2, tensor="m of fc1.w", ratio=20.0)),
        training("raised", status="error", reason="ValueError: in training"),
    ]  # fmt: skip
    results = [*cells, *trainings]
    lacking = sum(r.status is Status.UNSUPPORTED for r in results)
    compared = sum(r.status.value not in UNCOMPARED for r in results)
    several = len(backends) > 1
    return Report(
        schema_version=SCHEMA_VERSION,
        header=Header(
            versions={"python": "3.11", "refnet": "0.1.0", "torch": "2.13"}, platform="Linux",
            cpu_features=["AVX2"], threads=1, seed=0, subject="refnet", subject_spec="refnet",
            backends=list(backends), backend_specs={b: b for b in backends},
            dtypes=list(DTYPES), selectors=[],
        ),
        coverage=Coverage(
            compared=compared, declared=len(results) - lacking, unsupported=lacking
        ),
        exit_code=1,
        verdict="3 cell(s) differ, in conv2d, xor",
        cells=cells,
        trainings=trainings,
        judges=[
            Judge(name=b, cells=9, declared=9, compared=8, unsupported=0, absent=0, error=1)
            for b in backends
        ] if several else [],
        outliers=[
            Outlier(
                case="conv2d/wrong", op="conv2d", dtype="float64", outlier="torch",
                groups=[["torch"], ["refnet", "jax"]], status=Status.FAIL, deviations=[],
                ratio=2e5, worst="y[0] = 1",
                between=[Between(sides=("refnet", "jax"), alike=True, ratio=0.5, words="y")],
            )
        ] if several else [],
    )  # fmt: skip
