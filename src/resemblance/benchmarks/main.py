"""What each loss costs in time and memory, ours beside pytorch-metric-learning and plain torch.

Prints a table and what came of each requirement; writes the table (CSV, Markdown) and a plot of cost against size.
"""

import argparse
import math
from collections.abc import Sequence
from pathlib import Path

from rich.text import Text

from resemblance.benchmarks.cases import SERIES, cases
from resemblance.benchmarks.command import is_ready, make_console, memory_limit, write_files
from resemblance.benchmarks.machine import describe_machine
from resemblance.benchmarks.measuring import Limits, Measurement, measure
from resemblance.benchmarks.plot import write_plot
from resemblance.benchmarks.reporting import print_verdicts
from resemblance.benchmarks.table import print_tables, write_markdown, write_table
from resemblance.benchmarks.verdicts import verdicts


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; the exit code is 0 even where a requirement is missed, for that is a finding."""
    options = _parser().parse_args(arguments)
    console = make_console()
    if not is_ready(console, options.device, options.output):
        return 1
    machine = describe_machine(options.device, ("pytorch-metric-learning",))
    console.print(Text(machine, style="dim"))
    limits = Limits(
        budget=0.05 if options.quick else options.budget,
        seconds=options.time_limit,
        bytes=math.inf if options.device == "cuda" else memory_limit(options.memory_limit),
    )
    measured: list[Measurement] = []
    for case in cases(options.device, quick=options.quick, series=tuple(options.cases)):
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
    parser = argparse.ArgumentParser(prog="python -m resemblance.benchmarks.losses", description=__doc__)
    parser.add_argument("--cases", nargs="+", choices=SERIES, default=SERIES, metavar="LOSS", help=", ".join(SERIES))
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="cuda adds C up to 5,000,000")
    parser.add_argument("--output", type=Path, default=Path("runs/loss_cost"), help="folder for the table and plot")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that everything works")
    parser.add_argument("--budget", type=float, default=1.5, help="seconds of timed calls for each figure")
    parser.add_argument(
        "--memory-limit", type=float, metavar="GB", help="what a contestant may take; by default 85 %% of what is free"
    )
    parser.add_argument("--time-limit", type=float, default=90, help="seconds after which a contestant is given up")
    return parser
