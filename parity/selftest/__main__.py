"""``python -m parity.selftest``: the command ``parity selftest``."""

from parity.selftest.command import selftest_command

if __name__ == "__main__":
    selftest_command()
