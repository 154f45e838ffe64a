"""callaudit: audits recordings and transcripts of Chinese debt-collection calls.

Importing this package is instant: nothing heavy (spaCy, jieba, av, ctranslate2, torch) is loaded before it is needed.
"""

__version__ = "0.1.0"
__all__ = ["__version__"]
