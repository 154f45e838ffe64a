"""Reports: one emitter a file, one line in the registry."""
