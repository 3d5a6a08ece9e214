"""`nnsweep run --serve` and `nnsweep serve` as programs: they show what runs, and end with it."""

import http.client
import re
import signal
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from nnsweep.serve import server
from tests.helpers import call, start
from tests.helpers.kills import wait_until_gone
from tests.helpers.pages import ran

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")

from tests.helpers.live_page import Client

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at the processes of a session")

WAITING = """
import time
from contextlib import ExitStack
from pathlib import Path
from pathlib import Path

def train(seed: int = 0):
    while not Path("go").exists() and seed:
        time.sleep(0.01)
    return {"loss": 0.5}
"""
GRID = """
name = "waiting"
trainer = "waiting:train"
axes = { seed = { count = 4 } }
success = { metric = "loss", below = 1 }
"""


def page_of(process):
    """Read the address that a program prints, and return a client of it."""
    for line in process.stderr:
        found = re.fullmatch(r"live page: http://127\.0\.0\.1:(\d+)/sweeps/waiting/\n", line)
        if found:
            return Client(int(found[1]))
    raise AssertionError("no address")


def ask_until(client, path, text, seconds=60.0):
    """Ask again and again, until the server is up and says what is waited for."""
    ends = time.monotonic() + seconds
    while True:
        try:
            said = client.ask(path).text
        except (ConnectionError, http.client.HTTPException):
            said = ""
        if text in said:
            return said
        assert time.monotonic() < ends, said


@pytest.fixture
def waiting(module, tmp_path):
    module(WAITING, "waiting.py")
    (tmp_path / "grid.toml").write_text(GRID)
    ran(GRID, tmp_path / "results", "seed=0")
    return tmp_path


def started(waiting, *more):
    return start("run", "grid.toml", "-j", "1", "--no-figures", "--serve", "--no-browser", *more, cwd=waiting)


@pytest.mark.slow
def test_the_page_shows_the_run_and_ends_with_it(waiting):
    process = started(waiting)
    client = page_of(process)
    ask_until(client, "/sweeps/waiting/", "<strong>A run is training now</strong>: 1 of 4 trials (25 %)")
    with client.events("/sweeps/waiting/events") as news:
        (waiting / "go").touch()
        last = list(news)[-1]
    assert "<strong>All trials are trained</strong>: 4 trials." in last["parts"]["state"]
    out, err = process.communicate(timeout=60)
    assert (process.returncode, "4 trials: 4 ok" in out) == (0, True), err
    wait_until_gone(process.pid)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_ended_takes_the_page_along(waiting, number):
    process = started(waiting)
    client = page_of(process)
    ask_until(client, "/sweeps/waiting/", "A run is training now")
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert "Traceback" not in err
    wait_until_gone(process.pid)


@pytest.mark.slow
def test_serve_ends_with_ctrl_c_and_says_its_address(waiting):
    process = start("serve", "results", "--port", "0", "--no-browser", cwd=waiting)
    said = process.stdout.readline()
    port = int(re.fullmatch(r"results: http://127\.0\.0\.1:(\d+)/ \(Ctrl-C ends it\)\n", said)[1])
    with Client(port).events("/sweeps/waiting/events") as news:
        next(news)
        process.send_signal(signal.SIGINT)
        assert list(news) == []  # the stream ends, and the program does not wait for the browser
        assert process.communicate(timeout=60) == ("", "")
    assert process.returncode == 0


def test_what_cannot_be_served_is_one_line(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = "nowhere: No such file or directory; name another, by --results DIR or nnsweep serve DIR"
    assert call(capsys, "serve", "nowhere", "--port", "0") == (2, "", f"Error: {said}\n")
    with server.bind(0) as bound:
        port = bound.getsockname()[1]
        code, out, err = call(capsys, "serve", ".", "--port", port)
    assert (code, out) == (2, "")
    assert re.fullmatch(rf"Error: port {port} cannot be used: address already in use; free: --port \d+\n", err)


def test_a_taken_port_is_told_before_anything_is_trained(capsys, grid):
    with server.bind(0) as bound:
        port = bound.getsockname()[1]
        code, out, err = call(capsys, "run", grid, "--serve", "--port", port)
    assert (code, out) == (2, "")
    assert err.startswith(f"Error: port {port} cannot be used: address already in use; free: --port ")
    assert not (grid.parent / "results").exists()


def test_options_of_the_page_need_the_page(capsys, grid):
    code, _, err = call(capsys, "run", grid, "--port", "0")
    assert code == 2
    assert err.endswith("Error: --port and --no-browser are for the live page; add --serve\n")


LARGE = """
name = "large"
fixed = { data = "xor", hidden = 2, split = "all", epochs = 5 }
axes = { alpha = { logspace = [0.01, 10.0], num = 100 }, batch_size = [1, 2], seed = { count = 100 } }
success = { metric = "error", below = 0.1 }
"""
MOST = 150
"""Megabytes; a benchmark (live_page.py) measures 100,000 trials with 20 pages that follow a run."""


@pytest.mark.slow
def test_the_server_stays_small_with_many_trials_and_pages(tmp_path):
    ran(LARGE, tmp_path / "results")
    process = start("serve", "results", "--port", "0", "--no-browser", cwd=tmp_path)
    try:
        port = int(process.stdout.readline().rpartition(":")[2].partition("/")[0])
        with ExitStack() as open_pages:
            for _ in range(10):
                news = open_pages.enter_context(Client(port).events("/sweeps/large/events"))
                assert "20,000 trials" in next(news)["parts"]["state"]
            status = Path(f"/proc/{process.pid}/status").read_text()
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    peak = int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) / 1000
    print(f"20,000 trials, 10 pages: {peak:.0f} MB")
    assert peak < MOST
