"""What was learnt from labelled talk: models that rank and ask for a listener, beside the rules."""
