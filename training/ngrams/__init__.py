"""The n-gram model: read the corpus, cross-validate, fit, calibrate, and write it into the package."""
