"""`python -m numbanet`."""

from numbanet.cli import main

main()
