"""What the live page costs a run: its slowdown, and the server's memory and processor time, with many open pages.

    python benchmarks/live_page.py [--trials 100000] [--pages 20] [--repeats 3]

A sweep of XOR networks is trained with two workers, in turn without the page and with `nnsweep serve` in a process of
its own and so many pages that follow it. What the run costs is its processor time (user and system, with its workers),
so that other programs on the machine matter little; the seconds by the clock are given, too. The server's memory is its
largest, as the operating system tells it.
"""

from __future__ import annotations

import argparse
import http.client
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).parents[1]
SWEEP = """
name = "live"
[fixed]
data = "xor"
hidden = 8
split = "all"
epochs = {epochs}
[axes]
alpha = {{ logspace = [0.01, 10.0], num = {alphas} }}
batch_size = [1, 2, 4]
seed = {{ count = 100 }}
[success]
metric = "error"
below = 0.1
"""


class Cost(NamedTuple):
    """Seconds of the processor and by the clock."""

    processor: float
    clock: float


def nnsweep(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "nnsweep", *map(str, arguments)]


def run(file: Path, results: Path) -> Cost:
    """Train a sweep, and measure it with all its workers."""
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    command = nnsweep("run", file, "--results", results, "--no-figures", "-q", "-j", 2)
    subprocess.run(command, cwd=PROJECT, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, time.perf_counter() - began)


class Server:
    """The live page in a process of its own, and pages that follow it."""

    def __init__(self, results: Path, pages: int) -> None:
        results.mkdir(parents=True, exist_ok=True)
        command = nnsweep("serve", results, "--port", 0, "--no-browser")
        self._process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline().rpartition(":")[2].partition("/")[0])
        self.received, self._ends = [0] * pages, threading.Event()
        self._threads = [threading.Thread(target=self._follow, args=(page,), daemon=True) for page in range(pages)]
        for thread in self._threads:
            thread.start()

    def _follow(self, page: int) -> None:
        path = "/sweeps/live/events?show=" + ("successes", "median+error", "trained", "failed")[page % 4]
        while not self._ends.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            try:
                connection.request("GET", path)
                answer = connection.getresponse()
                if answer.status == 200:
                    for line in iter(answer.readline, b""):
                        self.received[page] += len(line)
                        if line.startswith(b'data: {"anew"'):  # a browser loads the page again
                            break
                    continue
            except (OSError, http.client.HTTPException):
                pass
            finally:
                connection.close()
            self._ends.wait(0.2)

    def end(self) -> tuple[float, float]:
        """End it; return its largest memory in MB, and its seconds of the processor."""
        time.sleep(3)  # the last news
        peak = next(
            line for line in Path(f"/proc/{self._process.pid}/status").read_text().splitlines() if "VmHWM" in line
        )
        self._ends.set()
        self._process.terminate()
        _, _, usage = os.wait4(self._process.pid, 0)
        self._process.returncode = 0
        return int(peak.split()[1]) / 1000, usage.ru_utime + usage.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--trials", type=int, default=100_000)
    parser.add_argument("--pages", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=600)
    asked = parser.parse_args()
    alone, watched = list[Cost](), list[Cost]()
    print(
        "| | run: s of processor | run: s | server: MB | server: s of processor | sent: MB |\n|---|---|---|---|---|---|"
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "live.toml")
        file.write_text(SWEEP.format(alphas=max(1, asked.trials // 300), epochs=asked.epochs))
        for repeat in range(asked.repeats):
            alone.append(run(file, Path(folder, f"alone{repeat}")))
            print(f"| alone | {alone[-1].processor:.1f} | {alone[-1].clock:.1f} | | | |", flush=True)
            server = Server(Path(folder, f"watched{repeat}"), asked.pages)
            watched.append(run(file, Path(folder, f"watched{repeat}")))
            memory, seconds = server.end()
            sent = sum(server.received) / 1e6
            cost = f"{watched[-1].processor:.1f} | {watched[-1].clock:.1f} | {memory:.0f} | {seconds:.1f} | {sent:.0f}"
            print(f"| {asked.pages} pages | {cost} |", flush=True)
    ratios = [min(each.processor for each in watched) / min(each.processor for each in alone)]
    ratios.append(min(each.clock for each in watched) / min(each.clock for each in alone))
    print(f"\nbest with pages / best alone: processor {ratios[0]:.3f}, clock {ratios[1]:.3f}")


if __name__ == "__main__":
    main()
