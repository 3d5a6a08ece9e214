"""`python -m nnsweep` is the program `nnsweep`."""

from nnsweep.cli import main

if __name__ == "__main__":
    main()
