"""`python -m fiverounds`."""

from fiverounds.cli.main import main

raise SystemExit(main())
