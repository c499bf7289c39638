"""Receives events from `complaints serve`, and replies to each complaint that is filed."""

import base64, hmac, json, os, time, urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DESK, PORT = os.environ["DESK"], int(os.environ.get("PORT", "9000"))
TOKEN = open(os.environ["TOKEN_FILE"]).read().strip()
SECRET = base64.b64decode(open(os.environ["SECRET_FILE"]).read().strip().removeprefix("whsec_"))


def is_genuine(headers, body):
    """Whether the server signed this body, at most five minutes ago (Standard Webhooks)."""
    identity, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    mac = hmac.digest(SECRET, f"{identity}.{timestamp}.".encode() + body, "sha256")
    expected = b"v1," + base64.b64encode(mac)
    signatures = headers.get("webhook-signature", "").encode().split()
    is_signed = any([hmac.compare_digest(expected, signature) for signature in signatures])
    return is_signed and abs(time.time() - int(timestamp)) <= 300


def call(path, act=None, **headers):
    data = act and json.dumps(act).encode()
    headers = {"Authorization": f"Bearer {TOKEN}"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return json.load(urllib.request.urlopen(urllib.request.Request(DESK + path, data, headers), timeout=10))


def handle(kind, data):
    """Is called for each event, and again after an error. The key makes it one reply."""
    channel, merchant, number = data["channel"], data["merchant"], data["id"]
    path = f"/api/complaints/{channel}/{merchant}/{number}"
    # A Mini Program's reply decides the matter, and Alipay's complaints take none.
    if kind != "complaint.filed" or channel in ("mini-program", "allinpay-alipay"):
        return
    complaint = call(path)
    if complaint["state"] in (None, "PENDING"):  # An older complaint has a reply.
        act = {"reply": {"text": "您好，您的投诉已收到，我们会在 24 小时内处理。"}}
        key = f"first-reply:{channel}:{merchant}:{number}"
        call(path + "/acts", act, Idempotency_Key=key, If_Match=f'"{complaint["version"]}"')


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(min(int(self.headers["Content-Length"]), 65536))
        genuine = is_genuine(self.headers, body)
        if genuine:
            event = json.loads(body)
            handle(event["type"], event["data"])  # An exception closes the connection: the event is sent again.
        self.send_response(204 if genuine else 401)
        self.end_headers()


print(f"events are received at http://127.0.0.1:{PORT}", flush=True)
ThreadingHTTPServer(("127.0.0.1", PORT), Receiver).serve_forever()
