#!/usr/bin/env python3
"""Try the schema with the YAML language server that editors use: completion, hovers, diagnostics.

``python scripts/try_language_server.py [SERVER]`` prints what an editor would be told.  SERVER is a
``yaml-language-server``; without one it is looked for on the path, else fetched with npm into a
temporary folder.  Skips, with a line that says so, where there is no node.
"""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

SCHEMA = Path(__file__).parent.parent / "docs" / "lullaby.schema.json"
CURSOR = "\u2503"
SCORE = """\
# yaml-language-server: $schema={schema}
lullaby: 1
title: Try
buses:
  hall:
    effect: hall
{bus}
parts:
  sirens:
    module: sirens
{part}
scenes:
  - scene: one
    for: 10 s
{scene}
"""
ASKED = {  # what -> where the cursor stands
    "a part's keys": {"part": f"    {CURSOR}"},
    "its presets": {"part": f"    preset: {CURSOR}"},
    "a choice": {"part": f"    kind: {CURSOR}"},
    "a bus's keys": {"bus": f"    {CURSOR}"},
    "a bus's presets": {"bus": f"    preset: {CURSOR}"},
    "a scene's keys": {"scene": f"    {CURSOR}"},
    "a part in a scene": {"scene": f"    play:\n      sirens:\n        {CURSOR}"},
    "keys of 'clock'": {"scene": f"    clock:\n      {CURSOR}"},
}
HOVERED = {
    "a parameter": {"part": f"    pi{CURSOR}tch: A4"},
    "a preset": {"part": f"    preset: far{CURSOR}-city"},
    "a key of a scene": {"scene": f"    ke{CURSOR}ep: all"},
}
WRONG = {
    "nothing": {"part": "    pitch: each A3..A5\n    voices: 3"},
    "an unknown key": {"part": "    pich: A4"},
    "a count as text": {"part": "    voices: many"},
    "a choice that is none": {"part": "    kind: trumpet"},
    "an unknown module": {"part": "  b:\n    module: sirnes"},
    "a scene without a length": {"scene": "  - scene: two"},
}


class Server:
    """A language server on its standard input and output."""

    def __init__(self, command: list[str]) -> None:
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._ids, self._told = itertools.count(1), []
        self.ask("initialize", processId=None, rootUri=None, capabilities=CAPABILITIES)
        self.tell("initialized")
        self.tell("workspace/didChangeConfiguration", settings=SETTINGS)

    def tell(self, method: str, **what: Any) -> None:
        """Send a notification."""
        self._send({"method": method, "params": what})

    def ask(self, method: str, **what: Any) -> Any:
        """Send a request and return its result."""
        number = next(self._ids)
        self._send({"id": number, "method": method, "params": what})
        while True:
            message = self._next()
            if message.get("id") == number and "method" not in message:
                return message.get("result")

    def diagnostics(self, uri: str) -> list[dict[str, Any]]:
        """Return what is wrong with a document, as soon as the server says."""
        while True:
            for message in self._told:
                if message["params"].get("uri") == uri:
                    self._told.remove(message)
                    return list(message["params"]["diagnostics"])
            self._next()

    def end(self) -> None:
        """Let the server go."""
        self.ask("shutdown")
        self.tell("exit")
        self._process.wait(10)

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _next(self) -> dict[str, Any]:
        out = self._process.stdout
        assert out is not None
        length = 0
        while line := out.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if not length:
            raise SystemExit("the server ended")
        message: dict[str, Any] = json.loads(out.read(length))
        if message.get("method") == "textDocument/publishDiagnostics":
            self._told.append(message)
        elif "method" in message and "id" in message:  # a question to us
            items = message.get("params", {}).get("items", [])
            answer = [SETTINGS.get(item.get("section"), {}) for item in items] if items else None
            self._send({"id": message["id"], "result": answer})
        return message


SETTINGS: dict[str, Any] = {
    "yaml": {"validate": True, "hover": True, "completion": True, "schemaStore": {"enable": False}}
}
CAPABILITIES = {
    "textDocument": {
        "completion": {"completionItem": {"documentationFormat": ["plaintext"]}},
        "hover": {"contentFormat": ["plaintext"]},
    },
    "workspace": {"configuration": True},
}


def found(folder: str) -> list[str] | None:
    """Return how to start a server; None without node."""
    if len(sys.argv) > 1:
        return [sys.argv[1], "--stdio"]
    if here := shutil.which("yaml-language-server"):
        return [here, "--stdio"]
    if not shutil.which("node") or not shutil.which("npm"):
        return None
    npm = ["npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", folder]
    subprocess.run([*npm, "yaml-language-server"], check=True)
    script = Path(folder, "node_modules", "yaml-language-server", "bin", "yaml-language-server")
    return ["node", str(script), "--stdio"]


def opened(server: Server, number: int, places: dict[str, str]) -> tuple[str, dict[str, int]]:
    """Open a score with something in it; return its address and where the cursor is."""
    blanks = {"bus": "", "part": "", "scene": ""}
    text = SCORE.format(schema=SCHEMA.as_uri(), **{**blanks, **places})
    before = text.partition(CURSOR)[0]
    line = before.count("\n")
    where = {"line": line, "character": len(before) - before.rfind("\n") - 1}
    uri = f"file:///try/{number}.yaml"
    document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text.replace(CURSOR, "")}
    server.tell("textDocument/didOpen", textDocument=document)
    return uri, where


def main() -> None:
    """Print what is offered, shown and found wrong."""
    with tempfile.TemporaryDirectory() as folder:
        command = found(folder)
        if command is None:
            print("skipped: this wants node and npm")
            return
        server = Server(command)
        numbers = itertools.count()
        for what, places in ASKED.items():
            uri, where = opened(server, next(numbers), places)
            document = {"uri": uri}
            answer = server.ask("textDocument/completion", textDocument=document, position=where)
            items = answer["items"] if isinstance(answer, dict) else answer or []
            labels = sorted({item["label"] for item in items})
            print(f"complete {what}: {len(labels)}: {', '.join(labels)}")
        for what, places in HOVERED.items():
            uri, where = opened(server, next(numbers), places)
            answer = server.ask("textDocument/hover", textDocument={"uri": uri}, position=where)
            text = json.dumps((answer or {}).get("contents", "nothing"), ensure_ascii=False)
            print(f"hover {what}: {re.sub('file://[^)]*/', '', text)}")
        for what, places in WRONG.items():
            uri, _ = opened(server, next(numbers), places)
            told = server.diagnostics(uri)
            lines = [f"{d['range']['start']['line'] + 1}: {d['message']}" for d in told]
            print(f"wrong with {what}: {'; '.join(lines) or 'nothing'}")
        server.end()


if __name__ == "__main__":
    main()
