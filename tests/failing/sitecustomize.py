"""Fail the n-th file or SQL operation of a run, whichever of its processes does it: on the path of Python before anything else.

SOPKIT_FAULT holds a folder whose files count, the file in which all processes count, and n (0: none fails). Operations are what Python's
audit events tell of files in the folder (open, rename, remove, make a folder), and every statement and commit in a database.
"""

import errno
import fcntl
import os
import sqlite3
import sys

FOLDER, COUNTER, FAILS_AT = os.environ["SOPKIT_FAULT"].split(os.pathsep)
ON_FILES = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.link"}
LISTENS = []


def is_due(what):
    """Count an operation; whether it is the one that fails."""
    counter = os.open(COUNTER, os.O_RDWR | os.O_APPEND)
    try:
        fcntl.flock(counter, fcntl.LOCK_EX)
        os.write(counter, f"{what}\n".encode())
        os.lseek(counter, 0, os.SEEK_SET)
        return os.read(counter, 10_000_000).count(b"\n") == int(FAILS_AT)
    finally:
        os.close(counter)


def heard(event, arguments):
    """Fail the operation on a file that is due; a full disk fails no reading."""
    if event == "sqlite3.connect" and not LISTENS:
        LISTENS.append(True)
        listen()
    if event not in ON_FILES or not str(arguments[0]).startswith(FOLDER + os.sep):
        return
    reads = event == "open" and arguments[2] & os.O_ACCMODE == os.O_RDONLY
    if not reads and is_due(f"{event} {arguments[0]}"):
        raise OSError(errno.ENOSPC, "No space left on device", str(arguments[0]))


def listen():
    """Count the statements and commits of the database from now on."""
    import sqlalchemy as sa

    def fail(statement, parameters=None):
        if is_due(" ".join(statement.split())[:80]):
            full = sqlite3.OperationalError("database or disk is full")
            raise sa.exc.OperationalError(statement, parameters, full)

    sa.event.listen(sa.Engine, "before_cursor_execute", lambda *told: fail(told[2], told[3]))
    sa.event.listen(sa.Engine, "commit", lambda _connection: fail("COMMIT"))


sys.addaudithook(heard)
