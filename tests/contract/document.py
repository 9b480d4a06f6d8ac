"""The OpenAPI document of a running tilld as a list of operations that can judge answers. Pure: no HTTP.

What an answer must be is read from the document alone: a documented status, its content type, a body that fits its
schema (JSON Schema 2020-12), and on errors a problem document (RFC 9457) that tells nothing of our insides.
"""
import re

import jsonschema

PATH_PARAMETER = re.compile(r"\{(\w+)\}")
# What the door says of a request before, or instead of, giving it to its route: in no operation's list.
OF_THE_DOOR = {404, 405, 408, 411, 414, 415, 417, 431, 505}
INSIDES = re.compile(r"SELECT |INSERT |sqlite|SQLITE_|\.(cpp|h|sql|db)\b|std::|/(tmp|var|root|home)/|0x[0-9a-f]{6}")
RFC3339_MS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")

FORMATS = jsonschema.FormatChecker(formats=["uuid"])
FORMATS.checks("date-time")(lambda value: not isinstance(value, str) or bool(RFC3339_MS.fullmatch(value)))
FORMATS.checks("int64")(lambda value: not isinstance(value, int) or -2**63 <= value < 2**63)


class Operation:
    """One method on one path, and what the document says of it."""

    def __init__(self, document, method, path, said):
        self.method, self.path, self.said = method.upper(), path, said
        self.name, self.role = said["operationId"], said["x-role"]
        self.own_rows = said.get("x-own-rows", False)
        self.open_to_restricted = said.get("x-open-to-restricted", False)
        self.max_bytes = said.get("x-max-bytes", 0)
        headers = {p["name"]: p for p in said["parameters"] if p["in"] == "header"}
        self.query = [p["name"] for p in said["parameters"] if p["in"] == "query"]
        self.versioned = "If-Match" in headers
        key = headers.get("Idempotency-Key")
        self.once = "no" if not key else "required" if key["required"] else "optional"
        self.path_parameters = PATH_PARAMETER.findall(path)
        self.ok = min(int(status) for status in said["responses"])
        content = said.get("requestBody", {}).get("content", {})
        self.upload = next((kind for kind in content if kind != "application/json"), "")
        self.body = self._resolved(document, content.get("application/json", {}).get("schema"))
        self.is_list = "limit" in self.query
        self.has_etag = "304" in said["responses"]
        self._components = document["components"]
        self._answers = {int(s): self._answer(document, a) for s, a in said["responses"].items()}
        self.streams = "text/event-stream" in self._answers[self.ok]
        self.members = self._members(document, said["responses"][str(self.ok)]) if self.is_list else []

    @staticmethod
    def _resolved(document, node):
        """What a $ref into the components names."""
        while node and "$ref" in node:
            section, name = node["$ref"].split("/")[-2:]
            node = document["components"][section][name]
        return node

    def _members(self, document, said):
        """Names of what an item of the list has."""
        page = self._resolved(document, said["content"]["application/json"]["schema"])
        return list(self._resolved(document, page["properties"]["items"]["items"])["properties"])

    def _answer(self, document, said):
        """Content type → validator of a documented answer."""
        content = self._resolved(document, said).get("content", {})
        return {kind: self._validator(media.get("schema", {})) for kind, media in content.items()}

    def _validator(self, schema):
        whole = {**schema, "components": self._components}  # so that its references lead somewhere
        return jsonschema.Draft202012Validator(whole, format_checker=FORMATS)

    def path_with(self, ids):
        """The path with its parameters' values, percent-encoded by the caller."""
        return PATH_PARAMETER.sub(lambda match: str(ids[match[1]]), self.path)

    def faults_of(self, answer):
        """What is wrong with an answer, as texts; none if nothing is."""
        status, content_type = answer.status, answer.headers.get("content-type", "").split(";")[0]
        if status not in self._answers and status not in OF_THE_DOOR:
            return [f"{status} is not documented"]
        faults = list(self._common_faults(answer))
        if status >= 400:
            return faults + list(self._problem_faults(answer, content_type))
        allowed = self._answers.get(status, {})
        if not answer.body:
            return faults + ([f"{status} without the body of the document"] if allowed and not self.streams else [])
        if allowed and content_type not in allowed:
            return faults + [f"{status} as {content_type}, documented {sorted(allowed)}"]
        if content_type == "application/json" and allowed:
            faults += [short(fault) for fault in allowed[content_type].iter_errors(answer.json)]
            version, tag = answer.json.get("version"), answer.headers.get("etag")
            if tag and tag != f'"{version}"':
                faults.append(f"ETag {tag} of version {version}")
        return faults

    @staticmethod
    def _common_faults(answer):
        if "x-request-id" not in answer.headers:
            yield "no X-Request-Id"
        if answer.headers.get("x-content-type-options") != "nosniff":
            yield "no X-Content-Type-Options"
        if answer.status >= 500:
            yield f"{answer.status}: {answer.body[:200]}"

    def _problem_faults(self, answer, content_type):
        if content_type != "application/problem+json":
            yield f"{answer.status} as {content_type}"
            return
        documented = self._answers.get(answer.status) or next(p for p in self._answers.values() if content_type in p)
        yield from (short(fault) for fault in documented[content_type].iter_errors(answer.json))
        problem = answer.json
        if problem.get("status") != answer.status:
            yield f"status {problem.get('status')} in a {answer.status}"
        if problem.get("request_id") != answer.headers.get("x-request-id"):
            yield "another request_id than X-Request-Id"
        said = {name: value for name, value in problem.items() if name != "current"}  # the row holds what it holds
        if hit := INSIDES.search(str(said)):
            yield f"tells of our insides: {hit[0]}"
        if answer.status == 401 and "www-authenticate" not in answer.headers:
            yield "401 without WWW-Authenticate"


def short(fault):
    return f"/{'/'.join(map(str, fault.absolute_path))}: {fault.message[:160]}"


def operations(document):
    """All operations, in the order of the table."""
    return [Operation(document, method, path, said)
            for path, item in document["paths"].items() for method, said in item.items()]
