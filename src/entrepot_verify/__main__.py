"""`python -m entrepot_verify PATH`."""

import sys

from entrepot_verify.cli import main

if __name__ == "__main__":
    sys.exit(main())
