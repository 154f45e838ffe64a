"""How right the findings are, measured on calls that people have labelled."""
