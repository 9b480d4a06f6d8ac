"""A shop full of people for the tests of the contract: one of each role, and the things they ask about, made on demand.

Every answer that any of them gets is held against the document; what does not fit is collected in `World.faults`.
"""
import functools
import itertools
import socket
import sys
import urllib.parse

import till

ROLES = ("customer", "cashier", "inventory_manager", "manager", "admin", "operator")
BELOW = {"": set(), "customer": set(), "cashier": {"customer"}, "inventory_manager": {"customer"}}
BELOW["manager"] = {"customer", "cashier", "inventory_manager"}
BELOW["admin"] = BELOW["manager"] | {"manager"}
BELOW["operator"] = BELOW["admin"] | {"admin"}
FIRST_ADMIN = "admin@shop.local"
# No limits, so that no 429 hides another answer; cheap passwords, for there are hundreds of log-ins.
SETTINGS = till.CONFIG | {"limits.public_per_s": 0, "limits.customer_per_s": 0, "limits.strict_per_min": 0,
                          "auth.password_cost": 1, "payments.mode": "test",
                          "orders.most_unpaid": 10_000}


def may(role, needed):
    """The roles as 20-api orders them: cashier and inventory_manager stand side by side."""
    return needed == "public" or role == needed or needed in BELOW[role]


class Person:
    """Somebody who asks: a name for the report, a role, a session. `role` "" is a stranger."""

    def __init__(self, name, role, client, user=None, password=till.PASSWORD):
        self.name, self.role, self.client, self.user, self.password = name, role, client, user, password
        self.email = user["email"] if user else ""

    def must(self, status, method, path, body=None, **more):
        return self.client.must(status, method, f"/api/v1{path}", body, **more)


class OperatorClient(till.Client):
    """The daemon's own command line: the socket in its data directory, no token."""

    def __init__(self, house):
        super().__init__(house.port)
        self.connection.host = "localhost"
        self.connection.connect = lambda: self._connect(str(house.data / "control.sock"))

    def _connect(self, path):
        self.connection.sock = socket.socket(socket.AF_UNIX)
        self.connection.sock.settimeout(30)
        self.connection.sock.connect(path)


class World:
    """A running tilld with everybody logged in."""

    def __init__(self, house):
        self.house, self.numbers, self.faults = house, itertools.count(1), []
        house.add_user()
        house.start()
        house.add_user("admin@shop.test", "admin")
        self.people = {"nobody": Person("nobody", "", till.Client(house.port)),
                       "manager": self.log_in("manager", "manager", till.EMAIL),
                       "admin": self.log_in("admin", "admin", "admin@shop.test"),
                       "operator": Person("operator", "operator", OperatorClient(house))}
        for name, role in (("customer", "customer"), ("another customer", "customer"), ("cashier", "cashier"),
                           ("inventory_manager", "inventory_manager"), ("ended session", "admin")):
            self.people[name] = self.newcomer(role, name)
        first_password = (house.data / "admin-password").read_text(encoding="utf-8").strip()
        self.people["restricted"] = self.log_in("restricted", "admin", FIRST_ADMIN, first_password)
        ended = self.people["ended session"]
        ended.must(204, "POST", "/auth/logout")
        ended.role = ""

    def __getattr__(self, name):
        """world.manager, world.customer …"""
        try:
            return self.__dict__["people"][name]
        except KeyError:
            raise AttributeError(name) from None

    def log_in(self, name, role, email, password=till.PASSWORD):
        client = till.Client(self.house.port)
        answer = client.must(200, "POST", "/api/v1/auth/login", {"email": email, "password": password})
        client.token = answer["access_token"]
        return Person(name, role, client, answer["user"], password)

    def again(self, person):
        """The same person with a session of his own for one request."""
        return self.log_in(person.name, person.role, person.email, person.password)

    def newcomer(self, role, name=""):
        """A new user of a role, logged in."""
        email = f"{role}-{next(self.numbers)}@shop.test"
        self.admin.must(201, "POST", "/users",
                        {"email": email, "name": name or role, "role": role, "password": till.PASSWORD})
        return self.log_in(name or role, role, email)

    def lowest(self, operation):
        """One who may, and no more than that; who wants what strangers may is the customer."""
        return self.people[operation.role if operation.role != "public" else "customer"]

    def key(self):
        return f"key-{next(self.numbers)}"

    @staticmethod
    def open_stream(client, method, path, body, headers):
        """The head of an answer that goes on for ever, and is left at once; of another one the body, too."""
        wire = client.connection
        token = {"Authorization": f"Bearer {client.token}"} if client.token else {}
        wire.request(method, path, body, headers | token)
        answer = wire.getresponse()
        told = {name.lower(): value for name, value in answer.getheaders()}
        body = b"" if answer.status == 200 else answer.read()
        wire.close()
        return till.Answer(answer.status, told, body)

    def send(self, operation, ask, person, *, headers=None, **change):
        """The answer to `ask` with some of its parts changed; held against the document."""
        ask = ask.but(**change)
        send = dict(headers or {})
        if ask.version is not None:
            send.setdefault("If-Match", f'"{ask.version}"')
        if operation.once != "no" and ask.key != "":
            send.setdefault("Idempotency-Key", ask.key or self.key())
        body, query = ask.body, ask.query
        if isinstance(body, bytes):
            send.setdefault("Content-Type", operation.upload or "application/json")
        send |= ask.headers
        path = operation.path_with(ask.ids) + (f"?{urllib.parse.urlencode(query)}" if query else "")
        call = functools.partial(self.open_stream, person.client) if operation.streams else person.client.call
        answer = call(ask.method or operation.method, path, body, headers=send)
        if not ask.method:
            self.faults += [f"{operation.name} as {person.name}: {fault}" for fault in operation.faults_of(answer)]
        return answer
