"""What the losses cost, ours beside the usual tool and plain torch in one run."""
