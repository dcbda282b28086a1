"""What the tester cannot know by itself: signatures, visitors, and that addresses must stay on this machine."""

import hashlib
import hmac
import os
import random
from urllib.parse import quote

import schemathesis

SECRET = os.environ["BOTFLOW_TESTER_SECRET"].encode()
# Nothing listens there, so that what is fetched from it fails at once.
NOWHERE = "http://127.0.0.1:9"
TOKEN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
DICE = random.Random(4870)


def signed(request):
    """Signs what is really sent, as Meta does."""
    body = request.body or b""
    body = body.encode() if isinstance(body, str) else body
    request.headers["X-Hub-Signature-256"] = "sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    return request


def keep_here(body):
    """Leads addresses that the program would fetch nowhere, rather than to a stranger's machine."""
    if not isinstance(body, dict):
        return
    for name in ("url", "base_url"):
        url = body.get(name)
        # What is too short, too long or without a letter stays: it is no address, and has to be refused as none.
        if isinstance(url, str) and 3 <= len(url) <= 300 and any(letter.isalnum() for letter in url):
            body[name] = NOWHERE if len(url) % 2 else f"{NOWHERE}/{quote(url[:60], safe='')}"
    for provider in body.get("providers") or []:
        keep_here(provider)


@schemathesis.hook
def before_call(context, case, kwargs):
    headers = case.headers
    # As if a tunnel brought every request from somebody else, so that limits for each address are not all that is met.
    headers["X-Forwarded-For"] = f"198.51.{DICE.randrange(256)}.{DICE.randrange(256)}"
    if headers.get("Authorization") == "Bearer a-visitor":
        headers["Authorization"] = "Bearer " + "".join(DICE.choices(TOKEN, k=43))
    if headers.get("X-Hub-Signature-256") == "signed":
        kwargs["auth"] = signed
    # Waiting for what will not come finds nothing.
    if str(case.query.get("wait", "")).isdecimal():
        case.query["wait"] = 0
    keep_here(case.body)
