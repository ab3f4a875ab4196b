# SPDX-License-Identifier: ISC
"""Policies of MTA-STS (RFC 8461), by HTTPS.

stsweb.py ADDRESS CERTIFICATE KEY NAME=MODE:MX ...

The policy of NAME.test is at mta-sts.NAME.test.
"""
import http.server
import ssl
import sys


def main():
    address, cert, key, *rows = sys.argv[1:]
    policies = {}
    for row in rows:
        name, policy = row.split('=')
        mode, mx = policy.split(':')
        policies[f'mta-sts.{name}.test'] = (
            f'version: STSv1\r\nmode: {mode}\r\nmx: {mx}\r\n'
            'max_age: 86400\r\n').encode()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            policy = policies.get(self.headers['Host'])
            if policy is None or self.path != '/.well-known/mta-sts.txt':
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header('Content-Type', 'text/plain')
            self.send_header('Content-Length', str(len(policy)))
            self.end_headers()
            self.wfile.write(policy)

    server = http.server.ThreadingHTTPServer((address, 443), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


if __name__ == '__main__':
    main()
