"""From run directories to conclusions: which loss is better, by how much, and how sure that is."""
