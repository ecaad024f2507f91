"""What the losses and the protocols cost, ours beside the usual tools in one run."""
