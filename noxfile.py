"""Sessions for nox. `nox -s parity -- ARGS` hands ARGS to the command."""

import shutil

import nox

nox.options.sessions = ["lint", "types", "tests"]
nox.options.error_on_missing_interpreters = True


# What `nox -s judges` compares: all that is no training run, one model under every optimizer, and
# every model under one.
JUDGED = ["operations", "initializers", "optimizers", "*/sources", "dfn/*", "*/adam"]


def install(session, extras):
    # The constraints pick the CPU build of torch; without them pip takes gigabytes of CUDA.
    session.install("-c", "constraints.txt", "-e", f".[{extras}]")


@nox.session
def tests(session):
    """Run the test suite."""
    install(session, "dev")
    session.run("python", "-m", "pytest", "-n", "auto", *session.posargs)


@nox.session
def parity(session):
    """Compare refnet with PyTorch and with the committed baseline; reports in parity-report/."""
    install(session, "parity")
    session.run("parity", "run", "--baseline", "main", *session.posargs)


@nox.session
def judges(session):
    """Compare refnet with PyTorch, TensorFlow and JAX, and name who parts from the others."""
    install(session, "parity,tensorflow,jax")
    asked = ("--backend", "torch,tensorflow,jax", "--out", "judges-report")
    session.run("parity", "run", *asked, *(session.posargs or JUDGED))


@nox.session
def selftest(session):
    """Prove the gate: null controls, cases that cannot fail, every injected bug one at a time."""
    install(session, "parity")
    session.run("parity", "selftest", *session.posargs)


@nox.session
def selftest_training(session):
    """Put bugs into training runs, and see that each is caught where it first acts."""
    install(session, "parity")
    session.run("python", "-m", "parity.selftest.training", *session.posargs)


@nox.session
def browser(session):
    """Look at the HTML report in a headless Chromium, as a reader would."""
    missing = [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]
    if missing:
        session.error(
            f"there is no {' and no '.join(missing)} on the PATH; on Debian and Ubuntu: "
            "sudo apt-get install chromium chromium-driver"
        )
    # Nothing is run with PyTorch: the page is made of results.
    project = nox.project.load_toml("pyproject.toml")["project"]["optional-dependencies"]
    light = [d for d in project["parity"] if not d.startswith(("torch", "scikit-learn"))]
    test = [d for d in project["dev"] if d.startswith(("hypothesis", "pytest>"))]
    session.install("-e", ".", *light, *test, *project["browser"])
    session.run("python", "-m", "pytest", "tests/browser", *session.posargs)


@nox.session
def lint(session):
    """Check style and format."""
    session.install("ruff>=0.9")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session):
    """Check types, strictly; the judges beside PyTorch are too large to install for it."""
    install(session, "parity,plots")
    session.install("mypy>=1.14", "pytest>=8.4")
    session.run("mypy")


@nox.session
def bench(session):
    """Time refnet against PyTorch and ONNX's reference evaluator, side by side."""
    install(session, "dev")
    session.run("python", "-m", "benchmarks", *session.posargs)
