"""The command line: every module of ``gradproof.commands`` is a command, imported when it is needed."""

from __future__ import annotations

import errno
import sys
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import click

from checkers.errors import InputError
from gradproof.exits import INTERRUPTED, UNUSABLE


class BadInput(click.ClickException):
    """An input that cannot be used, as one sentence on standard error."""

    exit_code = UNUSABLE


class Commands(click.Group):
    """The group of all modules in ``gradproof.commands``; each has its command under the name ``command``."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click calls it so)
        """The names of the commands, in alphabetical order."""
        from gradproof import commands

        return sorted(module.name for module in iter_modules(commands.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now; None if there is none."""
        if cmd_name not in self.list_commands(ctx):
            return None
        found: click.Command = import_module(f"gradproof.commands.{cmd_name}").command
        return found

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what it raises on purpose becomes a sentence and an exit code."""
        try:
            return super().invoke(ctx)
        except InputError as error:
            raise BadInput(str(error)) from error
        except KeyboardInterrupt:
            click.echo("Interrupted.", err=True)
            ctx.exit(INTERRUPTED)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise
            raise BadInput(_sentence(error)) from error


@click.command(cls=Commands)
@click.version_option(package_name="gradproof", message="%(prog)s %(version)s")
def cli() -> None:
    """Proof for hand-written gradients: NumPy code against finite differences, SymPy and JAX."""


def main() -> None:
    """Run the command line; a letter that the terminal cannot show never stops it."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # always a TextIOWrapper in a program of its own
    cli(prog_name="gradproof")


def _sentence(error: OSError) -> str:
    place = f" {error.filename}" if error.filename else ""
    return f"cannot read or write{place}: {error.strerror or error}"
