"""`python -m sopkit.cli` is the command `sopkit`."""

from sopkit.cli import main

main()
