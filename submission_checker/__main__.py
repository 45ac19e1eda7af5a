"""``python -m submission_checker``."""

from submission_checker.cli.main import main

if __name__ == "__main__":
    main()
