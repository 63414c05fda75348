"""What is said on the terminal: text out of data is shown, and never steers it."""

import click

from sopkit.faults import visible


def say(text, err=False):
    """Print lines; what cannot be seen, or would steer the terminal, is written as its code."""
    click.echo(plain(text), err=err)


def plain(text):
    """Text with its line breaks, and every other character that cannot be seen written as its code."""
    return "\n".join(visible(line) for line in str(text).split("\n"))
