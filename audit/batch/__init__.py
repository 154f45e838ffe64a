"""Many calls: executors, the ledger that remembers them, the runner that joins the two."""
