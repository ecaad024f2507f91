"""Train and test one configuration: ``python train.py --help``."""

from resemblance.cli import train

if __name__ == "__main__":
    train()
