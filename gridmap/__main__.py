"""`python -m gridmap` is the `gridmap` command."""

from gridmap.cli import main

if __name__ == "__main__":
    main()
