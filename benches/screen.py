"""What `giqa browse` costs: `screen.py GIQA BIG_STATE_DIR [PHOTOS_STATE_DIR]`.

The first store has 100,000 results (see many_results.py), the second a dozen photographs of 12 megapixels that are there.

Start to first frame, to the loaded list; 60 keys a second, from the press to the last byte of the frame that answers it;
memory; CPU when nothing happens. Then, by protocol, from a key press to the picture, at the first visit and at the second.
A terminal that answers nothing is played, so that detection waits its full time: the first frame must come before.
"""

import fcntl
import os
import pathlib
import pty
import re
import select
import struct
import sys
import termios
import time

COLUMNS, LINES = 120, 40
# What ends a frame.
END = b"\x1b[?2026l"


class Screen:
    def __init__(self, program, *args):
        self.start = time.perf_counter()
        self.pid, self.tty = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "xterm-256color"
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
            os.execv(program, [program, *args])
        self.seen = bytearray()
        self.sent = []

    def read(self, seconds):
        """Bytes that come within that time; empty when none do."""
        if not select.select([self.tty], [], [], seconds)[0]:
            return b""
        data = os.read(self.tty, 1 << 16)
        self.seen += data
        return data

    def until(self, text, patience=30):
        """Milliseconds from the start until a text was written."""
        while text not in re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", self.seen).decode(errors="replace"):
            if time.perf_counter() - self.start > patience:
                sys.exit(f"{text!r} never came; the end of what did: {self.seen[-2000:]!r}")
            self.read(0.05)
        return (time.perf_counter() - self.start) * 1000

    def press(self, key):
        """Milliseconds from the press to the end of the frame; None when none came."""
        # A frame that something else caused since the last press is no answer to this one.
        while self.read(0):
            pass
        self.seen.clear()
        began = time.perf_counter()
        os.write(self.tty, key)
        while END not in self.seen[-5000:]:
            if not self.read(1):
                return None
        return (time.perf_counter() - began) * 1000

    def calm(self, silence=1.5):
        """Milliseconds from the start until the last byte, after which nothing came for long."""
        last = time.perf_counter()
        while self.read(silence):
            last = time.perf_counter()
        return (last - self.start) * 1000

    def cpu(self):
        fields = open(f"/proc/{self.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self, what):
        return int(re.search(rf"{what}:\s+(\d+)", open(f"/proc/{self.pid}/status").read())[1]) / 1024

    def end(self):
        os.write(self.tty, b"\x03")
        try:
            while os.read(self.tty, 1 << 16):
                pass
        except OSError:
            pass
        os.waitpid(self.pid, 0)
        os.close(self.tty)


    def await_picture(self, key, signs):
        """Milliseconds from the press to the last byte of a frame with a picture, and the size of that frame."""
        self.seen.clear()
        began = time.perf_counter()
        os.write(self.tty, key)
        while True:
            if not self.read(3):
                return None
            if END in self.seen[-5000:]:
                if any(self.seen.count(sign) >= n for sign, n in signs):
                    self.sent.append(len(self.seen))
                    return (time.perf_counter() - began) * 1000
                self.seen.clear()


# What a picture is told by; of half blocks more than a few.
SIGNS = {
    "kitty": [(b"\x1b_G", 1)],
    "sixel": [(b"\x1bP", 1)],
    "iterm2": [(b"\x1b]1337", 1)],
    "halfblocks": [("\u2580".encode(), 200), ("\u2584".encode(), 200)],
}


def pictures(program, state):
    for protocol, signs in SIGNS.items():
        # Kitty is sent a picture once; when it is shown again, its placeholders are.
        again = [("\U0010eeee".encode(), 50)] if protocol == "kitty" else signs
        # Where one was the last time does not matter here.
        pathlib.Path(state, "screen.json").unlink(missing_ok=True)
        screen = Screen(program, "browse", "--state-dir", state, "--protocol", protocol, "--cell", "10x20")
        screen.calm()
        os.write(screen.tty, b"g3")
        screen.calm()
        first, second = [], []
        for key, took, wanted in [(b"l", first, signs), (b"h", second, again)]:
            for _ in range(8):
                took.append(screen.await_picture(key, wanted))
                time.sleep(0.3)
                screen.calm(0.2)
        missing = sum(t is None for t in first + second)
        first, second = ([t for t in took if t is not None] or [float("nan")] for took in (first, second))
        keys = [screen.press(b"l" if n % 16 < 8 else b"h") for n in range(120)]
        keys = [k for k in keys if k is not None]
        print(f"{protocol:10}  first visit median {quantile(first, 0.5):4.0f} ms  longest {max(first):4.0f} ms  (limit 250)   "
              f"second {quantile(second, 0.5):4.0f} / {max(second):4.0f} ms  (limit 30)   "
              f"keys meanwhile p99 {quantile(keys, 0.99):5.1f} ms (limit 16)   {missing} missing, "
              f"{max(screen.sent, default=0) / 1e6:.2f} MB each")
        screen.end()


def quantile(values, q):
    return sorted(values)[round((len(values) - 1) * q)]


def main():
    program, state, *photos = sys.argv[1:]
    first, loaded = [], []
    for _ in range(9):
        screen = Screen(program, "browse", "--state-dir", state)
        first.append(screen.until("Library"))
        loaded.append(screen.calm())
        screen.end()
    print(f"start to first frame  median {quantile(first, 0.5):6.0f} ms  longest {max(first):6.0f} ms  (limit 150)")
    print(f"start to all rows     median {quantile(loaded, 0.5):6.0f} ms  longest {max(loaded):6.0f} ms")

    screen = Screen(program, "browse", "--state-dir", state)
    screen.calm()
    took = []
    for n in range(600):
        due = time.perf_counter() + 1 / 60
        took.append(screen.press(b"k" if n % 40 > 30 else b"j"))
        time.sleep(max(0, due - time.perf_counter()))
    answered = [t for t in took if t is not None]
    print(f"60 keys a second      median {quantile(answered, 0.5):6.2f} ms  p99 {quantile(answered, 0.99):6.2f} ms  "
          f"longest {max(answered):6.2f} ms  (limit: p99 16)  {len(answered)} of {len(took)} answered")
    screen.calm()
    print(f"memory                now {screen.memory('VmRSS'):6.0f} MB  most {screen.memory('VmHWM'):6.0f} MB  (limit 300)")
    before, seconds = screen.cpu(), 20
    time.sleep(seconds)
    print(f"CPU when idle         {(screen.cpu() - before) / seconds * 100:6.2f} %  (limit 1)")
    screen.end()
    if photos:
        pictures(program, photos[0])


main()
