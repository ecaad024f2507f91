"""Say which of some runs is better, by how much, and how sure that is: ``python compare.py --help``."""

from resemblance.cli import compare

if __name__ == "__main__":
    compare()
