"""Pictures of every page in Chinese and Tibetan, 1366 and 420 pixels wide.

./zhixing test tests/browser/test_pages.py --screenshots DIR
python tests/browser/screenshots.py DIR          # the same, with servers named by the environment
"""

import sys
from pathlib import Path

import pytest

PAGES = Path(__file__).with_name("test_pages.py")


def main(arguments: list[str]) -> int:
    """Open every page and keep its picture; the status is that of the tests."""
    if len(arguments) != 1:
        sys.stderr.write("Say where the pictures go: python tests/browser/screenshots.py DIR\n")
        return 2
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    return int(pytest.main([str(PAGES), "-q", "--screenshots", str(folder)]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
