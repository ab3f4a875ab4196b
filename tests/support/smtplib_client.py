"""smtplib_client.py PORT FILE: sends the file with Python's smtplib."""

import smtplib
import sys

with open(sys.argv[2], 'rb') as file:
    # Bytes are sent as they are, so their line ends must be SMTP's.
    text = file.read().replace(b'\n', b'\r\n')
with smtplib.SMTP('127.0.0.1', int(sys.argv[1]), 'client.example') as client:
    client.sendmail('erick@maggot', ['bruce@gnat', 'ann@gnat'], text,
                    mail_options=['BODY=8BITMIME'])
