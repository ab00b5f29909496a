#!/usr/bin/env python3
"""Runs COMMAND in a pseudo-terminal of WIDTH columns and prints what it shows in the end. The exit
code is the command's. WIDTH 0 is a terminal that does not know its width, and is shown as 80.

It is of the simplest kind: a letter behind the last column goes to the next row, what a resize cuts
off is gone, and control characters other than newline, carriage return, the erasure of the line
(ESC [ K) and colour (ESC [ ... m) are an error. A line is drawn when the next erasure finds it.
"""
import argparse
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

TOKEN = re.compile(r"\x1b(\[[0-9;]*[A-Za-z]|[^\[])|[^\x1b]")


class Screen:
    def __init__(self, width):
        self.rows, self.column, self.drawn = [""], 0, []
        self.raw, self.waiting = b"", ""
        self.resize(width)

    def resize(self, width):
        self.width = width or 80
        self.rows = [row[: self.width] for row in self.rows]
        self.column = min(self.column, self.width)

    def take(self, data):
        self.raw += data
        self.waiting += data.decode("utf-8", "replace")
        while token := TOKEN.match(self.waiting):
            self.show(token[0])
            self.waiting = self.waiting[token.end() :]

    def show(self, token):
        row = self.rows[-1]
        if token == "\n":
            self.rows.append("")
        elif token == "\r":
            self.column = 0
        elif token == "\x1b[K":
            if row and not self.column:
                self.drawn.append(row)
            self.rows[-1] = row[: self.column]
        elif token.isprintable():
            if self.column == self.width:
                self.rows.append("")
                row, self.column = "", 0
            row = row.ljust(self.column)
            self.rows[-1] = row[: self.column] + token + row[self.column + 1 :]
            self.column += 1
        elif not token.endswith("m"):
            sys.exit(f"terminal.py: control character {token!r}")


def set_width(terminal, width):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", 24, width, 0, 0))


def stopped(child, screen, terminal, act):
    """Acts while the command is stopped and all that it has written is shown."""
    os.kill(child, signal.SIGSTOP)
    os.waitpid(child, os.WUNTRACED)
    while select.select([terminal], [], [], 0.05)[0]:
        screen.take(os.read(terminal, 65536))
    act()
    os.kill(child, signal.SIGCONT)


def act(what, child, screen, terminal):
    if what.startswith("^"):
        os.write(terminal, bytes([ord(what[1]) - 64]))
    elif what.isdigit():
        stopped(child, screen, terminal, lambda: (set_width(terminal, int(what)), screen.resize(int(what))))
    elif what.endswith("s"):
        stopped(child, screen, terminal, lambda: time.sleep(float(what[:-1])))
    else:
        os.kill(child, signal.Signals[what])


def run(o):
    child, terminal = pty.fork()
    if child == 0:
        set_width(1, o.width)
        os.execvp(o.command[0], o.command)
    screen, events = Screen(o.width), [event.split(":") for event in o.events]
    while True:
        try:
            screen.take(os.read(terminal, 65536))
        except OSError:  # the last one has closed it
            break
        while events and len(screen.drawn) >= int(events[0][0]):
            act(events.pop(0)[1], child, screen, terminal)
    for name, data in (o.drawn, "".join(line + "\n" for line in screen.drawn).encode()), (o.bytes, screen.raw):
        if name:
            with open(name, "wb") as file:
                file.write(data)
    print(*(row.rstrip() for row in screen.rows), sep="\n", end="")
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return code if code >= 0 else 128 - code


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
parser.add_argument("-b", dest="bytes", metavar="FILE", help="write the bytes that came")
parser.add_argument("-d", dest="drawn", metavar="FILE", help="write the lines that were drawn")
parser.add_argument("-e", dest="events", metavar="LINES:WHAT", action="append", default=[],
                    help="when so many lines have been drawn: ^C types it, 40 is a new width, 2s stops the\n"
                    "command (SIGSTOP) for that time, SIGHUP sends it; repeatable, in order")
parser.add_argument("width", type=int)
parser.add_argument("command", nargs=argparse.REMAINDER)
signal.alarm(60)
sys.exit(run(parser.parse_args()))
