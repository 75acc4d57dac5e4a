"""Stand-in for a server of /v1/embeddings: embed_server.py FILE [SECONDS].

Listens at any port of 127.0.0.1 and writes it to FILE; FILE.log gets a line for each text asked, when
its reply is about to go out, SECONDS after it came. The vector of a text is a direction of its own, by
hash, and in its first four values the last number in it modulo 4."""
import hashlib
import json
import os
import re
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

place = sys.argv[1]
wait = float(sys.argv[2]) if len(sys.argv) > 2 else 0


def vector(text):
    digest = hashlib.sha256(text.encode()).digest()
    v = [b / 255 - 0.5 for b in digest[:16]]
    numbers = re.findall(r"\d+", text)
    if numbers:
        v[int(numbers[-1]) % 4] += 2
    return v


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def say(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.say(200, {"data": [{"id": "tiny"}]})

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.headers.get("Authorization") != "Bearer sk-canary-4711":
            self.say(401, {"error": {"message": "no such key: " + str(self.headers.get("Authorization"))}})
            return
        time.sleep(wait)
        with open(place + ".log", "a", encoding="utf-8") as log:
            log.write("".join(text + "\n" for text in asked["input"]))
        rows = [{"index": i, "embedding": vector(t)} for i, t in enumerate(asked["input"])]
        self.say(200, {"data": rows, "usage": {"prompt_tokens": len(rows)}})

    def log_message(self, *args):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(place + ".part", "w", encoding="utf-8") as f:
    f.write(str(server.server_address[1]))
os.rename(place + ".part", place)
server.serve_forever()
