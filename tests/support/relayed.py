# SPDX-License-Identifier: ISC
"""relayed.py PORT: a mail in UTF-8 for a server that relays it, with an ORCPT
in bare UTF-8, as soon as the server is up."""
import smtplib
import sys
import time

until = time.monotonic() + 60
while True:
    try:
        server = smtplib.SMTP('127.0.0.1', int(sys.argv[1]),
                              local_hostname='other.example', timeout=60)
        break
    except OSError:
        if time.monotonic() > until:
            raise
        time.sleep(0.1)
with server:
    server.sendmail(
        'erick@maggot', 'b\u00f6b@gnat', 'Subject: relayed\r\n\r\nhi\r\n',
        mail_options=['SMTPUTF8', 'ENVID=QQ'],
        rcpt_options=['ORCPT=rfc822;b\u00f6b@gnat', 'NOTIFY=DELAY'])
