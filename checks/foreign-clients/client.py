"""`wechatpayv3` against the sandbox: `client.py FOLDER RUNNING`.

FOLDER is the sandbox's folder; RUNNING is the file with its output.
"""

import base64
import datetime
import http.server
import json
import os
import queue
import ssl
import sys
import tempfile
import threading
import tomllib
from pathlib import Path

FOLDER = Path(sys.argv[1])
BASE_URL = json.loads(Path(sys.argv[2]).read_text())["base_url"]
# The roots of `requests`.
os.environ["REQUESTS_CA_BUNDLE"] = str(FOLDER / "sandbox_root.pem")

import requests
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpayv3.core import Core

# The package has a fixed host.
Core._gate_way = property(lambda core: BASE_URL, lambda core, address: None)

PATIENCE = 120
PICTURE = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


class Receiver:
    """A merchant's listener. The package verifies and opens its notifications."""

    def __init__(self) -> None:
        self.opened: queue.Queue = queue.Queue()
        self.refused: queue.Queue = queue.Queue()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                try:
                    notification = receiver.client.callback(self.headers, body)
                except Exception:
                    notification = None
                if notification:
                    receiver.opened.put((notification, self.headers, body))
                else:
                    receiver.refused.put(body)
                self.send_response(204 if notification else 401)
                self.end_headers()

            def log_message(self, *_) -> None:
                pass

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(FOLDER / "sandbox_webhook.pem", FOLDER / "sandbox_webhook.key")
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.url = f"https://merchant.example:{server.server_port}/complaints"

    def next(self, complaint_id: str, event_type: str, action_type: str):
        notification, headers, body = self.opened.get(timeout=PATIENCE)
        assert notification["event_type"] == event_type, notification
        assert notification["resource"]["complaint_id"] == complaint_id, notification
        assert notification["resource"]["action_type"] == action_type, notification
        return headers, body


def settings() -> dict:
    return tomllib.loads((FOLDER / "complaints.toml").read_text())["wechat-pay"]


def new_client(with_public_key: bool) -> WeChatPay:
    section = settings()
    key = section["platform_keys"][0]
    public_key = {"public_key": (FOLDER / key["file"]).read_text(), "public_key_id": key["id"]} if with_public_key else {}
    return WeChatPay(
        wechatpay_type=WeChatPayType.NATIVE, mchid=section["mchid"], appid="wx0000000000000000", cert_serial_no=section["serial_no"],
        private_key=(FOLDER / section["private_key"]).read_text(), apiv3_key=(FOLDER / section["apiv3_key_file"]).read_text().strip(),
        timeout=(PATIENCE, PATIENCE), **public_key,
    )


def does(outcome, status: int = 200):
    """The response to a call, with this status. (The package has verified its signature before it returns.)"""
    code, response = outcome
    assert code == status, (code, response)
    return json.loads(response) if response and isinstance(response, str) else response


def sandbox(path: str, **members) -> dict:
    """The sandbox's admin interface: it files complaints and acts as the payer."""
    response = requests.post(f"{BASE_URL}/sandbox/{path}", json=members, timeout=PATIENCE)
    assert response.status_code == 200, response.text
    return response.json()


def sandbox_requests() -> list:
    """The log of the requests that the sandbox received."""
    response = requests.get(f"{BASE_URL}/sandbox/requests", timeout=PATIENCE)
    assert response.status_code == 200, response.text
    return response.json()["data"]


def notifications(client: WeChatPay) -> None:
    """The URL, and the notifications to it."""
    receiver = Receiver()
    receiver.client = client
    does(client.complaint_notification_query(), 400)
    assert does(client.complaint_notification_create("https://merchant.example/elsewhere"))["url"] == "https://merchant.example/elsewhere"
    assert does(client.complaint_notification_update(receiver.url))["url"] == receiver.url
    assert does(client.complaint_notification_query())["url"] == receiver.url

    complaint_id = sandbox("complaints", complaint_detail="没有收到货", amount=1990)["complaint_id"]
    headers, body = receiver.next(complaint_id, "COMPLAINT.CREATE", "CREATE_COMPLAINT")
    assert not client.callback(headers, body.replace(b'"summary"', b'"summarY"')), "a changed body verified"
    sandbox(f"complaints/{complaint_id}/messages", text="在吗")
    receiver.next(complaint_id, "COMPLAINT.STATE_CHANGE", "USER_RESPONSE")
    sandbox(f"complaints/{complaint_id}/continue", text="还没解决")
    receiver.next(complaint_id, "COMPLAINT.STATE_CHANGE", "CONTINUE_COMPLAINT")

    # A faulty notification is refused, and its retry is valid.
    assert receiver.refused.empty()
    for fault in ("forged_signature", "changed_body", "probe"):
        sandbox("faults", kind=f"notification_{fault}")
        complaint_id = sandbox("complaints", complaint_detail=fault)["complaint_id"]
        receiver.refused.get(timeout=PATIENCE)
        receiver.next(complaint_id, "COMPLAINT.CREATE", "CREATE_COMPLAINT")
    does(client.complaint_notification_delete(), 204)
    does(client.complaint_notification_query(), 400)


def complaints(client: WeChatPay) -> None:
    """A complaint from the list to its end, with pictures and a refund."""
    complaint_id = sandbox("complaints", complaint_detail="重复扣费", amount=2990, apply_refund_amount=2990, payer_phone="13900001234")["complaint_id"]
    today = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).date()
    page = does(client.complaint_list_query(str(today - datetime.timedelta(days=1)), str(today), limit=50))
    listed = next(row for row in page["data"] if row["complaint_id"] == complaint_id)
    assert (listed["complaint_state"], page["limit"], page["offset"]) == ("PENDING", 50, 0), page
    detail = does(client.complaint_detail_query(complaint_id))
    assert detail["complaint_detail"] == "重复扣费", detail
    assert client.decrypt(detail["payer_phone"]) == "13900001234"

    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "picture.png"
        picture.write_bytes(PICTURE)
        media_id = does(client.complaint_image_upload(str(picture)))["media_id"]
        # Its `multipart/form-data` names no boundary. The signed part still is `meta`.
        picture.write_bytes(PICTURE + b"\r\n--\r\n")
        assert does(client.complaint_image_upload(str(picture), "另一张.jpg"))["media_id"] != media_id
    does(client.complaint_response(complaint_id, "您好，已核实", response_images=[media_id]), 204)
    history = does(client.complaint_history_query(complaint_id))
    reply = next(entry for entry in history["data"] if entry["operate_type"] == "MERCHANT_RESPONSE")
    assert reply["operate_details"] == "您好，已核实", reply
    media_url = reply["complaint_media_list"]["media_url"][0]
    code, downloaded = client.complaint_image_download("/" + media_url.split("/", 3)[3])
    assert (code, downloaded) == (200, PICTURE)

    does(client.complaint_update_refund(complaint_id, "APPROVE", launch_refund_day=1), 204)
    sandbox(f"complaints/{complaint_id}/refund-received")
    assert does(client.complaint_detail_query(complaint_id))["complaint_state"] == "PROCESSED"
    rejected = sandbox("complaints", complaint_detail="不想要了", amount=100, apply_refund_amount=100)["complaint_id"]
    does(client.complaint_update_refund(rejected, "REJECT", reject_reason="已发货", reject_media_list=[media_id]), 204)
    entries = [entry["operate_type"] for entry in does(client.complaint_history_query(rejected))["data"]]
    assert "MERCHANT_REFUSE_RERUND" in entries, entries
    completed = sandbox("complaints", complaint_detail="会员没有开通")["complaint_id"]
    does(client.complaint_response(completed, "已开通"), 204)
    does(client.complaint_complete(completed), 204)
    assert does(client.complaint_detail_query(completed))["complaint_state"] == "PROCESSED"

    refusal = does(client.complaint_complete("200000000000000000000000000"), 404)
    assert refusal["code"] == "RESOURCE_NOT_EXISTS", refusal


def main() -> None:
    client = new_client(with_public_key=True)
    notifications(client)
    complaints(client)
    # Without a public key the package decrypts the platform's certificates, and uses the valid ones.
    assert new_client(with_public_key=False)._core._certificates
    operations = [name for name in dir(client) if name.startswith("complaint_")]
    asked = sandbox_requests()
    assert all(request["verified"] for request in asked), [request for request in asked if not request["verified"]]
    names = {request["operation"] for request in asked} - {"list_certificates"}
    assert len(names) == len(operations) == 12, (names, operations)
    print(f"wechatpayv3: {len(operations)} operations in {len(asked)} requests, and its certificates and notifications opened")


main()
