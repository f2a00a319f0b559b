"""How a command ends: one clear line for a person, one number for a script.

0 done; 1 failed on the way; 2 the score or the call is wrong; 129, 130 and 143 stopped by a signal.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType

import click

from lullaby.cli.plain import plain
from lullaby.errors import LullabyError, ScoreError


class Terminated(BaseException):
    """The system asked the program to end (SIGTERM), or its terminal is gone (SIGHUP)."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def ended(run: Callable[[], object]) -> int:
    """Run a command and return its exit code, 0 if it says none; no traceback is shown."""
    signal.signal(signal.SIGTERM, _terminated)
    hangup = getattr(signal, "SIGHUP", None)
    if hangup is not None and signal.getsignal(hangup) is signal.SIG_DFL:  # not under nohup
        signal.signal(hangup, _terminated)
    try:
        code = run()
        sys.stdout.flush()
    except click.ClickException as error:
        return _usage(error)
    except (KeyboardInterrupt, click.Abort):
        return _said("stopped; nothing was written", 130)
    except Terminated as error:
        return _said("told to end; nothing was written", 128 + error.number)
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except ScoreError as error:
        return _said(error, error.exit_code)
    except LullabyError as error:
        return _said(f"error: {error}", error.exit_code)
    except Exception as error:
        return _unexpected(error)
    return code if isinstance(code, int) else 0


def _terminated(number: int, frame: FrameType | None) -> None:
    raise Terminated(number)


def _said(message: object, code: int) -> int:
    with contextlib.suppress(OSError):  # after a hang-up nobody can read it
        click.echo(plain(message, lines=True), err=True)
    return code


def _usage(error: click.ClickException) -> int:
    _said(f"error: {error.format_message()}", 2)
    context = getattr(error, "ctx", None)
    if context is not None:
        _said(f"see: {context.command_path} --help", 2)
    return 2


def _unexpected(error: Exception) -> int:
    if os.environ.get("LULLABY_DEBUG"):
        import traceback

        return _said(traceback.format_exc(), 1)
    kind = type(error).__name__
    text = " ".join(str(error).split())[:200]
    return _said(f"error: unexpected {kind}: {text} (LULLABY_DEBUG=1 shows where)", 1)
