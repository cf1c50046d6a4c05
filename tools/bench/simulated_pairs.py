"""What benchmarks in virtual time share: runs of `weir simulate` that are kept, and the statistics
of pairs that have their seeds in common."""

import json
import math
import os
import random
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
WEIR = str(ROOT / "build/release/bin/weir")
FIRST_SEED = 2001  # as weir evaluate: training has seen none of them
SAMPLES = 10000


def check_program(weir, asking):
    """Ends the program `asking` where there is no weir."""
    if not os.access(weir, os.X_OK):
        sys.exit(f"{asking}: found no {weir}, needed the program; try tools/quickstart, "
                 "or --weir PROGRAM")


def result_of(weir, folder, scenario, seed, settings, members):
    """These members of the result of one run, as JSON.

    `scenario` is FILE.ini[@NAME=VALUE...], `settings` are more of NAME: VALUE. It is kept in the
    folder, so that the same command goes on where it stopped.
    """
    path, *changes = scenario.split("@")
    changes += [f"{name}={value}" for name, value in settings.items()]
    name = "_".join([Path(path).stem, str(seed), *changes]).replace("/", ":")
    kept = Path(folder) / f"{name}.json"
    if not kept.exists():
        command = [weir, "simulate", path, "--json", "--seed", str(seed)]
        for change in changes:
            command += ["--set", change]
        run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
        if run.returncode != 0:
            sys.exit(f"{' '.join(command)}\n{run.stderr}")
        result = json.loads(run.stdout)
        kept.parent.mkdir(parents=True, exist_ok=True)
        part = kept.with_suffix(".part")
        part.write_text(json.dumps({member: result.get(member) for member in members}))
        part.rename(kept)
    return json.loads(kept.read_text())


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def ratio_and_interval(ratios):
    """The geometric mean, and 95 % of the bootstrap samples of the pairs."""
    drawn = random.Random(1)
    logs = [math.log(ratio) for ratio in ratios]
    means = sorted(mean(drawn.choices(logs, k=len(logs))) for _ in range(SAMPLES))
    return (math.exp(mean(logs)), math.exp(means[int(0.025 * SAMPLES)]),
            math.exp(means[int(0.975 * SAMPLES) - 1]))
