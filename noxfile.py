"""Sessions for nox. `nox -s parity -- ARGS` hands ARGS to the command."""

import nox

nox.options.sessions = ["lint", "types", "tests"]
nox.options.error_on_missing_interpreters = True


def install(session, extra):
    # The constraints pick the CPU build of torch; without them pip takes gigabytes of CUDA.
    session.install("-c", "constraints.txt", "-e", f".[{extra}]")


@nox.session
def tests(session):
    """Run the test suite."""
    install(session, "dev")
    session.run("python", "-m", "pytest", "-n", "auto", *session.posargs)


@nox.session
def parity(session):
    """Compare refnet with PyTorch and write the reports into parity-report/."""
    install(session, "parity")
    session.run("parity", "run", *session.posargs)


@nox.session
def selftest(session):
    """Put every injected bug in, one at a time, and see that the gate notices."""
    install(session, "parity")
    session.run("python", "-m", "parity.selftest", *session.posargs)
    session.run("python", "-m", "parity.selftest.training")


@nox.session
def lint(session):
    """Check style and format."""
    session.install("ruff>=0.9")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session):
    """Check types, strictly."""
    install(session, "dev")
    session.run("mypy")


@nox.session
def bench(session):
    """Time refnet against PyTorch and ONNX's reference evaluator, side by side."""
    install(session, "dev")
    session.run("python", "-m", "benchmarks", *session.posargs)
