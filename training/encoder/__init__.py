"""The encoder: multilingual-e5-small, pruned, fine-tuned to label turns, and packed."""
