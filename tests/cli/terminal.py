"""terminal.py - the program on a pseudo terminal, for the tests that play a person at the keyboard."""

import os
import pty
import re
import select
import signal
import termios
import time

import harness

WAIT_S = 20


class Terminal:
    """The program on a terminal of 100 columns; what it shows is kept without escape sequences."""

    def __init__(self, case, *args, **env):
        self.case, self.shown, self.raw = case, "", b""
        try:
            self.pid, self.fd = pty.fork()
        except OSError as e:
            case.skipTest(f"no pseudo terminals here: {e}")
        if self.pid == 0:
            os.chdir(case.dir)
            os.execve(harness.FOVEA, [harness.FOVEA, *args],
                      {**case.env, "TERM": "xterm", "COLUMNS": "100", "LANG": "C.UTF-8", "FOVEA_GRAPHICS": "none", **env})

    def read(self, seconds):
        """Takes in what comes within so many seconds; False at the end."""
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if not ready:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.raw += data
        self.shown += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", data.decode("utf-8", "replace"))
        return data != b""

    def expect(self, piece):
        """Waits until piece has been shown, and forgets what came up to it."""
        end = time.monotonic() + WAIT_S
        while piece not in self.shown:
            if not self.read(0.2) and piece not in self.shown or time.monotonic() > end:
                self.case.fail(f"{piece!r} did not come; shown: {self.shown!r}")
        before, self.shown = self.shown.split(piece, 1)
        return before

    def expect_raw(self, piece):
        """Waits for bytes, escape sequences and all, and gives what came up to and with them."""
        end = time.monotonic() + WAIT_S
        while piece not in self.raw:
            if not self.read(0.2) and piece not in self.raw or time.monotonic() > end:
                self.case.fail(f"{piece!r} did not come; it sent: {self.raw[-2000:]!r}")
        before, self.raw = self.raw.split(piece, 1)
        return before + piece

    def wait_for_prompt(self):
        """Until libedit waits for a key: what is typed before that is not edited by it."""
        end = time.monotonic() + WAIT_S
        while self.is_cooked() and time.monotonic() < end:
            self.read(0.01)

    def send(self, text):
        os.write(self.fd, text.encode())

    def is_cooked(self):
        return termios.tcgetattr(self.fd)[3] & termios.ICANON != 0

    def close(self, key=None, seconds=WAIT_S):
        """The exit status. A key is pressed until it has worked, and not before libedit has taken the terminal
        over, a moment behind its prompt: an end of file typed in that moment becomes a character of the line."""
        end, press = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            if key and time.monotonic() > press and not self.is_cooked():
                try:
                    self.send(key)
                except OSError:
                    key = None  # it has just ended
                press = time.monotonic() + 0.5
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid != 0:
                os.close(self.fd)
                return os.waitstatus_to_exitcode(status)
            self.read(0.05)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        self.case.fail(f"it did not end; shown: {self.shown!r}")
