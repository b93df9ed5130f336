"""Runs a program in a pseudo-terminal that is resized, or typed at, while it runs.

pty_run.py COLUMNS ROWS REACTIONS PROGRAM [ARGUMENT...]

REACTIONS is JSON: [[text, columns, keys or null], ...]. When the text has been written, the terminal gets the new width,
the keys are typed at it, or it is closed. What the program writes goes to standard output; where the terminal was resized, a line of its own
says so: "\0<columns>\n".
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
    columns, rows, reactions, *command = sys.argv[1:]
    waiting = json.loads(reactions)
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
            _, reaction = waiting.pop(0)
            if reaction is None:
                os.close(terminal)
                break
            if isinstance(reaction, str):
                os.write(terminal, reaction.encode())
                continue
            # Stopped, the program cannot draw for the old width while the terminal has the new one.
            os.kill(child, signal.SIGSTOP)
            while forward(terminal, 0.2):
                pass
            set_size(terminal, reaction, int(rows))
            os.write(1, b"\0%d\n" % reaction)
            os.kill(child, signal.SIGCONT)
    _, status = os.waitpid(child, 0)
    sys.exit(os.waitstatus_to_exitcode(status))


main()
