"""What the user's files say: embeddings, comparisons, metadata, templates, distractors, and names of images."""
