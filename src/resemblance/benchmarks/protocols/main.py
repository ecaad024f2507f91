"""What the protocols cost in time and memory, ours beside scikit-learn, torchmetrics, FAISS and others.

Prints a table and what came of each requirement; writes the table (CSV, Markdown) and a plot.
"""

import argparse
import math
import time
from collections.abc import Sequence
from pathlib import Path

from rich.text import Text

from resemblance.benchmarks.children import import_beforehand
from resemblance.benchmarks.command import is_ready, make_console, memory_limit, write_files
from resemblance.benchmarks.machine import describe_machine
from resemblance.benchmarks.protocols.cases import SERIES, cases
from resemblance.benchmarks.protocols.measuring import Limits, Measurement, measure
from resemblance.benchmarks.protocols.plot import write_plot
from resemblance.benchmarks.protocols.table import print_tables, write_markdown, write_table
from resemblance.benchmarks.protocols.verdicts import verdicts
from resemblance.benchmarks.reporting import print_verdicts

PACKAGES = ("scikit-learn", "torchmetrics", "faiss-cpu", "pytorch-metric-learning")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; the exit code is 0 even where a requirement is missed, for that is a finding."""
    options = _parser().parse_args(arguments)
    console = make_console()
    if not is_ready(console, options.device, options.output):
        return 1
    import_beforehand("resemblance.benchmarks.protocols.contestants")
    machine = describe_machine(options.device, PACKAGES)
    console.print(Text(machine, style="dim"))
    limits = Limits(
        budget=0.1 if options.quick else options.budget,
        seconds=options.time_limit,
        bytes=math.inf if options.device == "cuda" else memory_limit(options.memory_limit),
        deadline=time.monotonic() + 60 * options.minutes,
        rounds=1 if options.quick else 3,
    )
    chosen = tuple(options.cases or (("search",) if options.device == "cuda" else SERIES))
    measured: list[Measurement] = []
    for case in cases(quick=options.quick, series=chosen):
        console.print(Text(f"measuring {case} …", style="dim"))
        measured += measure(case, options.device, limits)
    judged = [] if options.quick else verdicts(measured, options.device)
    print_tables(console, measured)
    print_verdicts(console, judged)
    return write_files(
        console,
        options.output / options.device,
        {
            ".csv": lambda path: write_table(path, measured),
            ".md": lambda path: write_markdown(path, measured, judged, machine),
            ".png": lambda path: write_plot(path, measured, machine),
        },
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m resemblance.benchmarks.protocols", description=__doc__)
    parser.add_argument("--cases", nargs="+", choices=SERIES, metavar="PROTOCOL", help=", ".join(SERIES))
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="cuda searches on a GPU (ours)")
    parser.add_argument("--output", type=Path, default=Path("runs/protocol_cost"), help="folder for the table and plot")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that everything works")
    parser.add_argument("--budget", type=float, default=9, help="seconds of timed calls for each contestant of a case")
    parser.add_argument(
        "--memory-limit", type=float, metavar="GB", help="what a contestant may take; by default 85 %% of what is free"
    )
    parser.add_argument("--time-limit", type=float, default=420, help="seconds after which a contestant is given up")
    parser.add_argument("--minutes", type=float, default=14.5, help="for the whole benchmark")
    return parser
