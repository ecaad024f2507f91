"""What a run leaves behind: its directory, console tables, figures and W&B."""
