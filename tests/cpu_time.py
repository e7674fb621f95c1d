"""The option `--cpu N`: lists the N tests that use the most processor time, with that of processes they wait for.

Unlike `--durations`, it does not depend on what else the machine does.
"""

from __future__ import annotations

import collections
import os
from collections.abc import Generator

import fork_server
import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--cpu", type=int, metavar="N", help="List the N tests that use the most processor time.")


def _seconds() -> float:
    times = os.times()
    own = times.user + times.system + times.children_user + times.children_system
    return own + fork_server.processor_seconds()


def _measured(item: pytest.Item) -> Generator[None, object, object]:
    began = _seconds()
    try:
        return (yield)
    finally:
        item.user_properties.append(("cpu", _seconds() - began))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    return (yield from _measured(item))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    return (yield from _measured(item))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    return (yield from _measured(item))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    shown = config.getoption("--cpu")
    if not shown:
        return
    of_test: collections.Counter[str] = collections.Counter()
    of_folder: collections.Counter[str] = collections.Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", None) == "teardown":  # it has the times of all three phases
                seconds = sum(value for name, value in report.user_properties if name == "cpu")
                of_test[report.nodeid] += seconds
                of_folder["/".join(report.nodeid.split("/")[:-1])] += seconds
    for title, counted in (("folders", of_folder), (f"{shown} tests", of_test)):
        terminalreporter.section(f"processor seconds of {title}")
        for name, seconds in counted.most_common(shown):
            terminalreporter.write_line(f"{seconds:8.1f}  {name}")
    terminalreporter.write_line(f"{sum(of_test.values()):8.1f}  all")
