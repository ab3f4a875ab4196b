# SPDX-License-Identifier: ISC
"""A web server for hooks: answers each request with the next of the statuses,
and goes on with the last.

usage: webhook.py STATUS ...

Bodies go to `posted.1` and so on, their headers to `headers.1`; the port is
written to `port`.  It serves until it is killed.
"""
import http.server
import os
import sys

statuses = [int(arg) for arg in sys.argv[1:]]
requests = 0


class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        global requests
        requests += 1
        body = self.rfile.read(int(self.headers['Content-Length']))
        with open(f'posted.{requests}', 'wb') as f:
            f.write(body)
        with open(f'headers.{requests}', 'w', encoding='utf-8') as f:
            f.write(f'{self.path}\n{self.headers}')
        self.send_response(statuses.pop(0) if len(statuses) > 1
                           else statuses[0])
        self.send_header('Content-Length', '0')
        self.end_headers()


with http.server.HTTPServer(('127.0.0.1', 0), Hook) as server:
    with open('port.new', 'w', encoding='ascii') as f:
        print(server.server_address[1], file=f)
    os.rename('port.new', 'port')
    server.serve_forever()
