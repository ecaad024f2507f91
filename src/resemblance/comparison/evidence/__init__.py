"""What the pictures of a comparison show, read from run directories: numbers, for the page and the figures alike."""
