#!/usr/bin/env python3
"""Hostile Authorization values against a running tilld: each is 401, on a public route too, and harms nobody.

hostile.py sends what a stranger can make. Here the forger has stolen the signing key, so that nothing but the content
of a token can give him away; has tokens that were good once; and spells the header in ways that other servers take.
"""
import base64
import hashlib
import hmac
import json
import re
import sys
import time
import uuid

import hostile
import insults
import till

ME, PUBLIC = "/api/v1/auth/me", "/api/v1/products?limit=1"
CODES = {"bad_token", "invalid_token", "token_expired", "session_ended"}
AT_LEAST = 100  # different values
HEADER = '{"alg":"HS256","typ":"JWT"}'
EMAIL, PASSWORD = till.EMAIL, till.PASSWORD


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Forger:
    """Holds the key of the shop and one good token; spells what he likes and signs it rightly."""

    def __init__(self, key, good):
        self.key, self.good = key, good
        payload = good.split(".")[1]
        self.text = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode()
        self.claims = json.loads(self.text)

    def sign(self, payload, header=HEADER, digest="sha256", key=None):
        """The token of two JSON texts."""
        signed = f"{b64(header.encode())}.{b64(payload.encode())}"
        return f"{signed}.{b64(hmac.new(self.key if key is None else key, signed.encode(), digest).digest())}"

    def spell(self, claims):
        return json.dumps(claims, separators=(",", ":"))

    def with_claims(self, **change):
        return self.sign(self.spell(self.claims | change))

    def without(self, name):
        return self.sign(self.spell({n: v for n, v in self.claims.items() if n != name}))


def signed_claims(forger):
    """Name → a token with the right signature, and something else than the shop would have written."""
    now, claims = int(time.time()), forger.claims
    odd = {"exp": (now - 1, 0, -1, 10**12, 2**63, 1e300, 4102444800.5, "4102444800", None, True, [4102444800], {}),
           "iat": (now + 3600, -1, "0", None, 2**64), "nbf": (now + 3600, claims["nbf"] - 1, None),
           "iss": ("", "tillhub", "TILLD", None, ["tilld"]),
           "aud": ("", "till-hub", None, ["till-api", "x"], "till-api "),
           "sub": ("", "0", "1 or 1=1", claims["sub"].upper(), "{" + claims["sub"] + "}", None, 1),
           "sid": ("", str(uuid.UUID(int=0)), str(uuid.uuid4()), claims["sid"].upper(), claims["sub"], None, "*"),
           "jti": ("", None, claims["jti"].replace("-", ""), 7), "rights": (-1, 2**32, "255", None, 1.5, "admin")}
    tokens = {f"{name} {value!r}": forger.with_claims(**{name: value})
              for name, values in odd.items() for value in values}
    tokens |= {f"without {name}": forger.without(name) for name in claims}
    more = {"role": "admin", "admin": True, "scope": "*", "azp": "x", "cnf": {}, "act": {"sub": claims["sub"]}}
    tokens |= {f"also {name}": forger.with_claims(**{name: value}) for name, value in more.items()}
    text = forger.text
    texts = {"exp twice": text[:-1] + ',"exp":4102444800}', "sub twice": f'{{"sub":"{uuid.uuid4()}",' + text[1:],
             "blanks": text.replace(":", ": "), "an order of its own": forger.spell(dict(reversed(claims.items()))),
             "escaped letters": text.replace("tilld", "\\u0074illd"), "a line feed after it": text + "\n",
             "a NUL after it": text + "\0", "two texts": text + text, "cut off": text[:-1], "a list": f"[{text}]",
             "text": json.dumps(text), "null": "null", "nothing": "", "deep": "[" * 500, "mark": "\ufeff" + text,
             "a zero before exp": text.replace('"exp":', '"exp":0'), "plus exp": text.replace('"exp":', '"exp":+')}
    return tokens | {f"payload: {name}": forger.sign(payload) for name, payload in texts.items()}


def signed_headers(forger):
    """Name → a token whose header is not the one the shop writes, signed over as it stands."""
    text = forger.text
    more = {"kid": "../../../dev/null", "jku": "http://127.0.0.1:1/keys", "jwk": {"kty": "oct", "k": b64(bytes(32))},
            "x5u": "http://127.0.0.1:1/", "x5c": ["AAAA"], "crit": ["exp"], "cty": "JWT", "zip": "DEF", "b64": False,
            "enc": "A128GCM"}
    headers = {f"with {name}": f'{HEADER[:-1]},{json.dumps(name)}:{json.dumps(value)}}}'
               for name, value in more.items()}
    headers |= {"kid as SQL": HEADER[:-1] + ',"kid":"\' or 1=1 --"}',
                "the other way round": '{"typ":"JWT","alg":"HS256"}',
                "with blanks": '{"alg": "HS256", "typ": "JWT"}', "typ at+jwt": '{"alg":"HS256","typ":"at+jwt"}',
                "no typ": '{"alg":"HS256"}', "no alg": '{"typ":"JWT"}', "nothing in it": "{}",
                "alg twice": '{"alg":"none","alg":"HS256","typ":"JWT"}', "no JSON": "HS256"}
    tokens = {f"header {name}": forger.sign(text, header) for name, header in headers.items()}
    for alg in ("none", "None", "NONE", "nOnE", "hs256", "RS256", "ES256", "PS256", "EdDSA"):
        tokens[f"alg {alg}"] = forger.sign(text, HEADER.replace("HS256", alg))
        tokens[f"alg {alg}, unsigned"] = tokens[f"alg {alg}"].rpartition(".")[0] + "."
    for alg, digest in (("HS384", "sha384"), ("HS512", "sha512"), ("HS256", "sha1"), ("HS256", "sha512")):
        tokens[f"alg {alg} by {digest}"] = forger.sign(text, HEADER.replace("HS256", alg), digest)
    keys = {"empty": b"", "the key as text": b64(forger.key).encode(), "the key in hex": forger.key.hex().encode(),
            "a hash of the key": hashlib.sha256(forger.key).digest(), "zeros": bytes(32)}
    tokens |= {f"key: {name}": forger.sign(text, key=key) for name, key in keys.items()}
    head, payload, mac = forger.good.split(".")
    return tokens | {"padded": f"{head}.{payload}=.{mac}=", "three dots": f"{head}.{payload}.{mac}.",
                     "five parts (JWE)": f"{head}.{payload}.{mac}.{mac}.{mac}", "no payload": f"{head}..{mac}",
                     "signature in hex": f"{head}.{payload}." + base64.urlsafe_b64decode(mac + "=").hex(),
                     "signature twice": f"{head}.{payload}.{mac}{mac}", "cut signature": f"{head}.{payload}.{mac[:42]}",
                     "slack bits": forger.good[:-1] + insults.slack(forger.good[-1]),
                     "2 KB": forger.sign(text + " " * 2000), "letters in capitals": forger.good.upper(),
                     "percent": forger.good.replace(".", "%2E")}


def odd_spellings(good):
    """Name → a whole Authorization value around a good token."""
    basic = base64.b64encode(f"{EMAIL}:{PASSWORD}".encode()).decode()
    return {"empty": "", "the scheme alone": "Bearer", "the scheme and a blank": "Bearer ", "no scheme": good,
            "Basic": f"Basic {basic}", "Basic with a token": f"Basic {good}", "Digest": 'Digest username="admin"',
            "Token": f"Token {good}", "JWT": f"JWT {good}", "OAuth": f"OAuth {good}", "DPoP": f"DPoP {good}",
            "quoted": f'Bearer "{good}"', "a parameter": f"Bearer token={good}", "a comma": f"Bearer {good},",
            "two tokens": f"Bearer {good}, Bearer {good}", "two schemes": f"Bearer Bearer {good}",
            "two blanks": f"Bearer  {good}", "a tab": f"Bearer\t{good}", "a word more": f"Bearer {good} x",
            "a colon": f"Bearer: {good}", "equals": f"Bearer={good}", "in brackets": f"Bearer <{good}>",
            "a letter more": f"Bearer {good}A", "latin-1": f"Bearer {good}\u00e4", "undefined": "Bearer undefined",
            "null": "Bearer null", "an object": "Bearer [object Object]", "an array": "Bearer []",
            "a path": "Bearer ../../token.key", "SQL": "Bearer ' or '1'='1"}


def once_good(house, admin):
    """Name → a token that this shop gave out itself, and that is none, or none any more."""

    def user(name):
        body = {"email": f"{name}@shop.test", "name": name, "role": "manager", "password": PASSWORD}
        return admin.must(201, "POST", "/api/v1/users", body)

    def log_in(email):
        return till.Client(house.port).must(200, "POST", "/api/v1/auth/login", {"email": email, "password": PASSWORD})

    tokens = {"a refresh token": log_in(EMAIL)["refresh_token"]}
    left = log_in(EMAIL)["access_token"]
    till.Client(house.port, left).must(204, "POST", "/api/v1/auth/logout")
    tokens["logged out"] = left
    gone = user("gone")
    tokens["deactivated user"] = log_in(gone["email"])["access_token"]
    admin.must(204, "DELETE", f"/api/v1/users/{gone['id']}", headers={"If-Match": f'"{gone["version"]}"'})
    other = user("forgetful")
    tokens["another password since"] = log_in(other["email"])["access_token"]
    admin.must(200, "POST", f"/api/v1/users/{other['id']}/password", {"password": PASSWORD + "!"})
    tokens |= at_a_till(house, admin)
    thief = log_in(EMAIL)
    tokens["family of a refresh token used twice"] = thief["access_token"]
    for status in (200, 401):
        till.Client(house.port).must(status, "POST", "/api/v1/auth/refresh", {"refresh_token": thief["refresh_token"]})
    return tokens


def at_a_till(house, admin):
    """Name → what a paired till knew, and the session that a clerk began there before it was revoked."""
    stranger, pin = till.Client(house.port), {"password": PASSWORD, "pin": "27182"}
    body = {"email": "clerk@shop.test", "name": "Clerk", "role": "cashier", "password": PASSWORD}
    clerk = admin.must(201, "POST", "/api/v1/users", body)
    own = stranger.must(200, "POST", "/api/v1/auth/login", {"email": clerk["email"], "password": PASSWORD})
    till.Client(house.port, own["access_token"]).must(204, "PUT", "/api/v1/auth/pin", pin)
    made = admin.must(201, "POST", "/api/v1/tills", {"name": "Front"})
    device = stranger.must(201, "POST", "/api/v1/tills/pair", {"code": made["pairing_code"]})["till_token"]
    began = stranger.must(200, "POST", "/api/v1/auth/pin", {"user_id": clerk["id"], "pin": pin["pin"]},
                          headers={"Till-Token": device})["access_token"]
    till.Client(house.port, began).must(200, "GET", ME)
    row = admin.must(200, "GET", "/api/v1/tills")["items"][0]
    admin.must(204, "DELETE", f"/api/v1/tills/{row['id']}", headers={"If-Match": f'"{row["version"]}"'})
    return {"a till's token": device, "its pairing code": made["pairing_code"], "a PIN": pin["pin"],
            "session of a revoked till": began}


def asked(path, value):
    return insults.request(path=path, headers=[f"Authorization: {value}"])


def try_all(report, house, what, values):
    """Each value is 401 with a challenge and a known code on a route for everybody logged in, and on a public one."""
    wrong = []
    for name, value in values.items():
        for path in (ME, PUBLIC):
            status, _, answer = hostile.send(house.port, asked(path, value))
            code = re.search(rb'"code":"(\w+)"', answer)
            known = code and code[1].decode() in CODES and b"WWW-Authenticate: Bearer" in answer
            if status != 401 or not known:
                wrong.append((name, path, status, answer[-300:]))
    report.none(f"{what}: {len(values)} kinds, each 401", wrong)


def check_reach(report, house, forger, admin):
    """With the key: what a rightly made token says of rights and person counts for nothing, the session does."""
    body = {"email": "c@shop.test", "name": "C", "role": "customer", "password": PASSWORD}
    admin.must(201, "POST", "/api/v1/users", body)
    credentials = {"email": body["email"], "password": PASSWORD}
    good = till.Client(house.port).must(200, "POST", "/api/v1/auth/login", credentials)["access_token"]
    customer = Forger(forger.key, good)
    raised = customer.with_claims(rights=2**32 - 1, sub=forger.claims["sub"])
    report.equal("rights and person of a token: not believed", 403,
                 hostile.send(house.port, asked("/api/v1/users", f"Bearer {raised}"))[0])
    me = till.Client(house.port, raised).must(200, "GET", ME)
    report.equal("  he is who his session says", body["email"], me["email"])


def main():
    args = till.arguments(__doc__)
    report = till.Report()
    with till.Till(args.tilld, till.CONFIG | {"limits.public_per_s": 0, "limits.strict_per_min": 0}) as house:
        manager = house.open_with_manager()
        house.add_user("admin@shop.test", "admin")
        admin = house.login("admin@shop.test")
        forger = Forger((house.data / "token.key").read_bytes(), manager.token)
        report.equal("the forger's key is the shop's", manager.token, forger.sign(forger.text))
        before = house.memory_kb()
        groups = {"rightly signed, wrong claims": signed_claims(forger),
                  "wrong headers and signatures": signed_headers(forger),
                  "tokens that were good once": once_good(house, admin)}
        groups = {what: {name: f"Bearer {token}" for name, token in tokens.items()} for what, tokens in groups.items()}
        groups["odd spellings"] = odd_spellings(manager.token)
        for what, values in groups.items():
            try_all(report, house, what, values)
        different = {value for values in groups.values() for value in values.values()}
        report.check(f"{len(different)} different values", len(different) >= AT_LEAST, f"≥ {AT_LEAST}", len(different))
        check_reach(report, house, forger, admin)
        report.equal("the good one is taken all the while", 200, manager.get(ME).status)
        report.equal("scheme in any letters", 200, hostile.send(house.port, asked(ME, f"bEARER {manager.token}"))[0])
        report.at_most("memory after all of it, above before", hostile.FLAT_KB, house.memory_kb() - before, "KB")
        report.equal("ready", 200, till.Client(house.port).get("/readyz").status)
        unknown, internal = (house.counted(f'till_errors_total{{code="{code}"}}'.replace("{", r"\{"))
                             for code in ("unauthorized", "internal"))
        report.check("the refusals were counted", unknown >= 2 * len(different), f"≥ {2 * len(different)}", unknown)
        report.equal("no internal error", 0, internal)
        report.equal("stop: exit code", 0, house.stop())
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
