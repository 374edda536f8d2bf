"""`make bench`: every figure of the table in ARCHITECTURE.md, measured on this machine.

python -m tests.bench [throughput] [acceptance] [latency] [burst] [disk] [slow-clients] [start] [hostile]
                      [--profile one-machine|servers] [--events N]
"""

import argparse
from collections.abc import Callable

from tests.bench import scenes
from tests.bench.hostile import hostile_scene
from tests.bench.scenes import Figure
from tests.bench.slow_clients import slow_scene
from tests.bench.target import PROFILES

SCENES: dict[str, Callable[[str, int], list[Figure]]] = {
    "throughput": scenes.throughput,
    "acceptance": scenes.acceptance,
    "latency": lambda profile, _: scenes.latency(profile),
    "burst": scenes.burst,
    "disk": lambda profile, events: scenes.disk(profile, events * 5),
    "slow-clients": slow_scene,
    "start": lambda profile, _: scenes.start(profile),
    "hostile": hostile_scene,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("scenes", nargs="*", choices=[*SCENES, []], help="which to measure; all where none is named")
    parser.add_argument("--profile", choices=PROFILES, action="append", help="may be given twice; both by default")
    parser.add_argument("--events", type=int, default=20_000)
    chosen = parser.parse_args()
    print(f"{'figure':42} {'profile':12} {'measured':60} goal")
    for name in chosen.scenes or SCENES:
        for profile in chosen.profile or PROFILES:
            for figure in SCENES[name](profile, chosen.events):
                print(f"{figure.name:42} {figure.profile:12} {figure.value:60} {figure.goal}", flush=True)


if __name__ == "__main__":
    main()
