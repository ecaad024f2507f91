"""``python -m resemblance.benchmarks.losses``: what each loss costs; ``--help`` lists the options."""

import sys

if __name__ == "__main__":
    # The processes that measure import this file too; they have no use for what draws and prints.
    from resemblance.benchmarks.main import main

    sys.exit(main())
