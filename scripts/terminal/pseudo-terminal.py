"""Runs a command in a pseudo-terminal: pseudo-terminal.py COLUMNS ROWS COMMAND...

Standard output has what the terminal is sent. Each line of standard input is a JSON object: {"keys": TEXT} is typed,
{"size": [COLUMNS, ROWS]} resizes, {"signal": NAME} is sent to the process group in front. Ends with the command's exit code.
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

columns, rows, *command = sys.argv[1:]


def resize(terminal, size):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", int(size[1]), int(size[0]), 0, 0))


# The size is there before the command looks.
ready, go = os.pipe()
pid, terminal = pty.fork()
if pid == 0:
    os.close(go)
    os.read(ready, 1)
    os.close(ready)
    os.execvp(command[0], command)
os.close(ready)
resize(terminal, (columns, rows))
os.write(go, b"x")
os.close(go)

rest = b""
inputs = [0, terminal]
while terminal in inputs:
    for source in select.select(inputs, [], [])[0]:
        try:
            data = os.read(source, 65536)
        except OSError:  # Linux says so where others end
            data = b""
        if not data:
            inputs.remove(source)
            continue
        if source == terminal:
            os.write(1, data)
            continue
        *lines, rest = (rest + data).split(b"\n")
        for line in map(json.loads, lines):
            if "keys" in line:
                os.write(terminal, line["keys"].encode("utf-8"))
            if "size" in line:
                resize(terminal, line["size"])
            if "signal" in line:
                os.killpg(os.tcgetpgrp(terminal), signal.Signals["SIG" + line["signal"]])
status = os.waitpid(pid, 0)[1]
sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
