"""Stands in for a process that another one forks: `python -I -S stand_in.py SOCKET PROGRAM ARGUMENT…`.

It imports only what Python has loaded or built in.
"""

import _signal
import _socket
import marshal
import os
import sys

_, path, *arguments = sys.argv
server = _socket.socket(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
server.connect(path)
umask = os.umask(0)
os.umask(umask)
wanted = marshal.dumps((arguments, dict(os.environ), os.getcwd(), umask))
streams = b"".join(each.to_bytes(4, sys.byteorder) for each in (0, 1, 2))
server.sendmsg([wanted], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, streams)])
for number in (_signal.SIGTERM, _signal.SIGINT, _signal.SIGHUP):
    _signal.signal(number, lambda number, _: server.send(bytes([number])))
os.closerange(0, 3)  # whoever is at the other end sees when the process itself closes them
told = server.recv(4)
status = int.from_bytes(told, "big", signed=True) if told else 1
if status < 0:
    if -status != _signal.SIGKILL:
        _signal.signal(-status, _signal.SIG_DFL)
    os.kill(os.getpid(), -status)
os._exit(status)
