"""``python -m resemblance.benchmarks.protocols``; ``--help`` lists the options."""

import sys

from resemblance.benchmarks.protocols.main import main

sys.exit(main())
