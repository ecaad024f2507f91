"""A W&B of our own on the loopback interface: it takes runs, sweeps and workspaces, and can refuse or die."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "0123456789" * 4
"""Looks like an account's key."""


class _Server(ThreadingHTTPServer):
    """Answers as an object of the test's says."""

    daemon_threads = True
    wandb: "WandbServer"

    def __init__(self, port: int, wandb: "WandbServer") -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.wandb = wandb
        self.accepted: list[socket.socket] = []

    def get_request(self) -> tuple[socket.socket, Any]:
        """The same, kept for the day on which it dies."""
        accepted, address = super().get_request()
        self.accepted.append(accepted)
        return accepted, address

    def server_close(self) -> None:
        """Hang up on everybody too: their connections outlive requests."""
        super().server_close()
        for connection in self.accepted:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: it is the other side that is tested."""


@dataclass
class WandbServer:
    """What it has been asked, and how it answers.

    Attributes:
        requests: name and variables of each GraphQL operation.
        posted: paths of what was posted elsewhere, such as a run's history.
        refusal: status and sentence with which a run is refused.
        commands: what the agent of a sweep is told, a heartbeat each; after them it is told to end.
        sweep: the sweep's configuration, as text.
    """

    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    posted: list[str] = field(default_factory=list)
    refusal: tuple[int, str] | None = None
    commands: list[list[dict[str, Any]]] = field(default_factory=list)
    sweep: str = ""
    port: int = 0
    _http: _Server | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def begin(self) -> None:
        self._http = _Server(self.port, self)
        self.port = self._http.server_address[1]
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()

    def die(self) -> None:
        if self._http is not None:
            self._http.shutdown()
            self._http.server_close()
            self._http = None

    def asked(self, operation: str) -> list[dict[str, Any]]:
        return [variables for name, variables in self.requests if name == operation]

    def answer(self, operation: str, variables: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        owner, project = variables.get("entity") or "somebody", variables.get("project") or "resemblance"
        within = {"id": "p", "name": project, "entity": {"id": "e", "name": owner}}
        if operation == "UpsertBucket":
            if self.refusal is not None:
                status, sentence = self.refusal
                return status, {"errors": [{"message": sentence}]}
            given = ("name", "displayName", "config")
            bucket = {"id": "r", "historyLineCount": 0, "project": within, "sweepName": variables.get("sweep")}
            bucket |= {"description": None} | {key: variables.get(key) for key in given}
            return 200, {"data": {"upsertBucket": {"bucket": bucket, "inserted": True}}}
        if operation == "CreateRunFiles":
            files = [{"name": name, "uploadUrl": f"{self.url}/put/{name}"} for name in variables["files"]]
            return 200, {"data": {"createRunFiles": {"runID": "r", "uploadHeaders": [], "files": files}}}
        if operation == "UpsertSweep":
            self.sweep = variables["config"]
            found = {"sweep": {"name": "abcd1234", "project": within}, "configValidationWarnings": []}
            return 200, {"data": {"upsertSweep": found}}
        if operation == "SweepWithRuns":
            sweep = {"id": "s", "name": "abcd1234", "state": "RUNNING", "config": self.sweep, "runs": {"edges": []}}
            return 200, {"data": {"project": {"sweep": sweep}}}
        if operation == "CreateAgent":
            return 200, {"data": {"createAgent": {"agent": {"id": "a"}}}}
        if operation == "Heartbeat":
            running = any(json.loads(variables["runState"]).values())
            told = self.commands.pop(0) if self.commands else [] if running else [{"type": "exit"}]
            return 200, {"data": {"agentHeartbeat": {"agent": {"id": "a"}, "commands": json.dumps(told)}}}
        if operation == "UpsertView2":
            return 200, {"data": {"upsertView": {"view": {"id": "v", "name": "nw-abc-v"}, "inserted": True}}}
        viewer = {"id": "u", "entity": "somebody", "username": "somebody", "flags": "{}", "teams": {"edges": []}}
        return 200, {"data": {"viewer": viewer, "serverInfo": None, "project": None, "entity": None}}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        body = self._body()
        if self.path != "/graphql":
            self.server.wandb.posted.append(self.path)
            self._send(200, {"exitcode": None, "limits": {}})
            return
        asked = json.loads(body)
        operation = asked.get("operationName") or asked["query"].split("(")[0].split("{")[0].split()[-1]
        variables = asked.get("variables") or {}
        self.server.wandb.requests.append((operation, variables))
        self._send(*self.server.wandb.answer(operation, variables))

    def do_PUT(self) -> None:
        self._body()
        self._send(200, {})

    def do_GET(self) -> None:
        self._send(200, {})

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _send(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def wandb_server() -> Iterator[WandbServer]:
    server = WandbServer()
    server.begin()
    try:
        yield server
    finally:
        server.die()
