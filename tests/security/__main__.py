"""`python -m tests.security`: part of lint."""

import sys

from tests.security.lint import main

if __name__ == "__main__":
    sys.exit(main())
