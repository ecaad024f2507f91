"""Studies: what a multirun still has to train, and which settings each contestant is trained with."""
