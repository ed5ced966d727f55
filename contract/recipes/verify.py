"""Verifies webhooks with PyJWT, as a receiver in Python does. The cases come from the file that is named on the command line."""

import hashlib
import hmac
import json
import sys
import urllib.request

import jwt

with open(sys.argv[1], encoding="utf-8") as file:
    given = json.load(file)
keys = {}


def key_of(kid):
    if kid not in keys:
        ask = {"client_id": given["client_id"], "secret": given["secret"], "key_id": kid}
        request = urllib.request.Request(
            given["url"] + "/webhook_verification_key/get", json.dumps(ask).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request) as answer:
            keys[kid] = json.load(answer)["key"]
    return jwt.PyJWK.from_dict(keys[kid]).key


def verify(token, body, now):
    header = jwt.get_unverified_header(token)
    if header["alg"] != "ES256":
        raise ValueError("alg is " + header["alg"])
    # The age is compared here, with the time of the case.
    claims = jwt.decode(token, key_of(header["kid"]), algorithms=["ES256"], options={"verify_iat": False})
    if now - claims["iat"] > 5 * 60:
        raise ValueError("too old")
    if not hmac.compare_digest(hashlib.sha256(body.encode()).hexdigest(), claims["request_body_sha256"]):
        raise ValueError("another body")


for case in given["cases"]:
    try:
        verify(case["token"], case["body"], case["now"])
        print(case["name"] + "\taccepted")
    except Exception as error:  # whatever goes wrong, the webhook is refused
        print(case["name"] + "\trejected: " + str(error))
