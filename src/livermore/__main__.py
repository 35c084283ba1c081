"""``python -m livermore`` is the command ``livermore``."""

from livermore.cli.main import run

if __name__ == "__main__":
    run()
