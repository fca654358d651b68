"""`python -m foldformer`, which is the command `foldformer`."""

from foldformer.commands import main

if __name__ == "__main__":
    main()
