"""Runs a program in a pseudo-terminal that is resized while it runs.

pty_run.py COLUMNS ROWS RESIZES PROGRAM [ARGUMENT...]

RESIZES is JSON: [[text, columns], ...]. When the text has been written, the terminal gets the new width. What the program
writes goes to standard output; where the terminal was resized, a line of its own says so: "\0<columns>\n".
"""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import termios


def set_size(descriptor, columns, rows):
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def forward(terminal, timeout):
    """Hands on what can be read; None when the program has ended, empty when it said nothing for so long."""
    if not select.select([terminal], [], [], timeout)[0]:
        return b""
    try:
        data = os.read(terminal, 65536)
    except OSError:
        return None
    os.write(1, data)
    return data or None


def main():
    columns, rows, resizes, *command = sys.argv[1:]
    waiting = json.loads(resizes)
    child, terminal = pty.fork()
    if child == 0:
        # The size is set before the program looks.
        set_size(0, int(columns), int(rows))
        os.execvp(command[0], command)
    seen = b""
    while True:
        data = forward(terminal, None)
        if data is None:
            break
        seen += data
        if waiting and waiting[0][0].encode() in seen:
            _, columns = waiting.pop(0)
            # Stopped, the program cannot draw for the old width while the terminal has the new one.
            os.kill(child, signal.SIGSTOP)
            while forward(terminal, 0.2):
                pass
            set_size(terminal, columns, int(rows))
            os.write(1, b"\0%d\n" % columns)
            os.kill(child, signal.SIGCONT)
    _, status = os.waitpid(child, 0)
    sys.exit(os.waitstatus_to_exitcode(status))


main()
