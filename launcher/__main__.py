"""./zhixing …: reads the command line, and turns every end into an exit status and a sentence."""

import argparse
import errno
import sys

from launcher import commands
from launcher.console import Interrupted, Problem, complain, signals

_PASSED_ON = {"test": commands.test, "bench": commands.bench, "manage": commands.manage}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./zhixing", description="Zhixing (执行) on this machine.")
    parser.set_defaults(act=None)
    sub = parser.add_subparsers(title="commands", metavar="")
    run = sub.add_parser("run", help="start everything with the demo world; Ctrl-C stops it")
    run.add_argument("--port", type=int, default=8000, help="the web port on 127.0.0.1 (default 8000)")
    run.add_argument("--fresh", action="store_true", help="forget the data in var/ and start over")
    run.add_argument("--cases", type=int, help="how many cases the demo world gets when it is made")
    run.set_defaults(act=lambda asked: commands.run(asked.port, fresh=asked.fresh, cases=asked.cases))
    # These hand on whatever follows, --help included: see main().
    sub.add_parser("test", help="run all tests; what follows goes to pytest")
    sub.add_parser("bench", help="measure on a database of its own; what follows goes to the benchmark")
    sub.add_parser("manage", help="manage.py with the demo's database and keys")
    return parser


def main(arguments: list[str]) -> int:
    signals.listen()
    try:
        if arguments and arguments[0] in _PASSED_ON:
            return _PASSED_ON[arguments[0]](arguments[1:])
        parser = _parser()
        asked = parser.parse_args(arguments)
        if asked.act is None:
            parser.print_help()
            return 2
        if not 1 <= asked.port <= 65535:
            parser.error("--port takes a number from 1 to 65535")
        status: int = asked.act(asked)
        return status
    except Problem as problem:
        complain(str(problem))
        return 1
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        advice = {
            errno.EACCES: "It belongs to another user: start as the user of the first start.",
            errno.ENOSPC: "Make room on the disk and start again.",
            errno.EROFS: "Zhixing writes to .venv/ and var/ in its own folder.",
        }
        complain(f"{place}{error.strerror or error}. {advice.get(error.errno or 0, '')}".rstrip())
        return 1
    except Interrupted as interrupted:
        return 128 + interrupted.number


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
