"""A program of UCSPI-TLS that is none of ours: it repeats what it hears.

ucspitls_app.py BYTE [CODE]: asks by that byte for TLS when it is told to
begin, and exits with the code.
"""

import os
import sys

ctl, read, write = (int(os.environ[name]) for name in
                    ("SSLCTLFD", "SSLREADFD", "SSLWRITEFD"))
for name in ("KEYFILE", "CERTFILE", "TLS_UID"):
    assert name not in os.environ, name
ask = sys.argv[1].encode()
assert os.read(0, 100) == b"begin\r\n"
os.write(1, b"200 go ahead\r\n")
os.write(ctl, ask)
if ask == b"Y":
    records = b""
    while not records.endswith(b"\0\0"):
        part = os.read(ctl, 1)
        assert part, records
        records += part
    names = [r.split(b"=")[0] for r in records[:-2].split(b"\0")]
    assert names == [b"SSL_PROTOCOL", b"SSL_CIPHER",
                     b"SSL_TLS_SNI_SERVERNAME"], records
while True:
    got = os.read(read, 65536)
    if got == b"end\r\n" or got == b"":
        break
    os.write(write, got)
sys.exit(int(sys.argv[2]) if len(sys.argv) > 2 else 0)
