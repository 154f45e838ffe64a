"""`python -m audit`: the command where the script `callaudit` is not on the path."""

from audit.cli.main import main

raise SystemExit(main())
