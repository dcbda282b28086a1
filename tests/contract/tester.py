"""Holds both contracts of the program against a property-based tester: `python tester.py PROGRAM`, in an environment with
what requirements.txt names. `cargo xtask test` makes that environment and calls this.

The program runs on a private folder with the sample business, a WhatsApp number and a conversation. It fails when the
program answers what no contract says, accepts what the contract forbids, answers with a fault of its own, takes too long,
panics, or does not end when it is asked to. The same seed asks the same."""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
SECRET = "a secret of the app"
# Nothing listens there: models and Meta are never reached.
NOWHERE = "http://127.0.0.1:9"


class Program:
    """The program as a process, with what it prints in a file."""

    def __init__(self, file, folder):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("BOTFLOW_")}
        environment.update(
            BOTFLOW_MODELS=str(folder / "models"),
            BOTFLOW_MODELS_HUB=NOWHERE,
            BOTFLOW_GRAPH_URL=NOWHERE,
            BOTFLOW_ALLOW_PRIVATE_ADDRESSES="true",
            BOTFLOW_LOG="warn",
            BOTFLOW_MIN_FREE_MB="1",
        )
        self.printed = folder / "printed.txt"
        command = [file, "serve", "--data", str(folder / "data"), "--port", "0", "--public-port", "0"]
        with self.printed.open("wb") as out:
            self.process = subprocess.Popen(command, env=environment, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
        ready = until("the program is ready", self._addresses)
        self.owner, self.public = ready

    def _addresses(self):
        if self.process.poll() is not None:
            raise SystemExit(f"The program ended before it was ready:\n{self.text()}")
        found = re.search(r"ready: (http://\S+?)/?\s+The public port is (\S+?)\.\s", self.text())
        return found and (found[1], f"http://{found[2]}")

    def text(self):
        return self.printed.read_text(encoding="utf-8", errors="replace")

    def end(self):
        """Asks it to end. Returns what is wrong, if anything."""
        if self.process.poll() is not None:
            return [f"The program ended by itself with {self.process.returncode}."]
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return ["The program did not end when it was asked to."]
        panics = [line for line in self.text().splitlines() if "panicked" in line]
        return [f"The program panicked: {line}" for line in panics[:5]]


def until(what, look, seconds=120):
    """Asks again and again until there is an answer."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    raise SystemExit(f"It did not happen within {seconds} s that {what}.")


def ask(url, method="GET", body=None, **headers):
    """The answer's headers and JSON."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method, headers={"content-type": "application/json", **headers})
    with urllib.request.urlopen(request, timeout=60) as response:
        text = response.read()
        return response.headers, json.loads(text) if text else None


def prepare(program):
    """An owner, the sample business, a number and a conversation; what the tester has to know of them."""
    api = f"{program.owner}/api"
    owner = {"name": "Thandi", "email": "thandi@shop.example", "password": "correct horse battery"}
    headers, _ = ask(f"{api}/setup", "POST", owner)
    cookie = headers["set-cookie"].split(";")[0]

    def call(method, path, body=None):
        return ask(f"{api}{path}", method, body, cookie=cookie)[1]

    bot = call("POST", "/sample")["bot_id"]
    busy = ("queued", "reading", "understanding")

    def all_read():
        sources = call("GET", "/sources?limit=200")["items"]
        return sources and all(source["state"] not in busy for source in sources)

    until("the sample's documents are read", all_read)
    chat = next(channel["id"] for channel in call("GET", "/channels")["items"] if channel["kind"] == "webchat")
    number = call("POST", "/channels", {"kind": "whatsapp", "bot_id": bot})["id"]
    keys = {"app_id": "1", "waba_id": "2", "phone_number_id": "3", "app_secret": SECRET, "token": "a token"}
    call("PATCH", f"/channels/{number}", keys)

    visit = f"{program.public}/chat/{chat}"
    token = ask(f"{visit}/sessions", "POST", {})[1]["token"]
    for count, text in enumerate(["When do you open on Saturday?", "Do you sell purple elephants on Mars?"]):
        question = {"type": "text", "client_id": f"question-{count}", "text": text}
        ask(f"{visit}/messages", "POST", question, authorization=f"Bearer {token}")
    conversation = until("there is a conversation", lambda: call("GET", "/conversations")["items"])[0]["id"]

    def answered():
        messages = call("GET", f"/conversations/{conversation}/messages")["items"]
        return next((message["id"] for message in messages if message["author"]["kind"] == "bot"), None)

    message = until("the bot answers", answered)
    gap = until("the question nobody can answer is noted", lambda: call("GET", "/gaps")["items"])[0]["id"]
    return {
        "SESSION": cookie.split("=", 1)[1],
        "SECRET": SECRET,
        "CHAT": chat,
        "NUMBER": number,
        "CONVERSATION": conversation,
        "MESSAGE": message,
        "GAP": gap,
    }


def contract(file, folder, name, *arguments):
    """The contract as the program itself prints it."""
    path = folder / name
    path.write_bytes(subprocess.run([file, "openapi", *arguments], check=True, stdout=subprocess.PIPE).stdout)
    return path


def main():
    parser = argparse.ArgumentParser(description="Holds the program's contracts against a property-based tester.")
    parser.add_argument("program", help="the built program")
    parser.add_argument("--examples", type=int, default=15, help="cases that are made up for each operation")
    parser.add_argument("--seed", type=int, default=4870)
    arguments = parser.parse_args()

    folder = Path(tempfile.mkdtemp(prefix="botflow-contract-"))
    wrong = []
    try:
        program = Program(arguments.program, folder)
        try:
            known = {f"BOTFLOW_TESTER_{name}": value for name, value in prepare(program).items()}
            # The tester looks for its hooks where it is started, and leaves nothing in the repository.
            shutil.copy(HERE / "hooks.py", folder)
            tester = Path(sysconfig.get_path("scripts")) / f"schemathesis{sysconfig.get_config_var('EXE') or ''}"
            for name, address, document in [
                # First the public one: the owner may delete the channels that it is about.
                ("the public listener", program.public, contract(arguments.program, folder, "public.json", "--public")),
                ("the owner's listener", program.owner, contract(arguments.program, folder, "owner.json")),
            ]:
                command = [str(tester), "--config-file", str(HERE / "schemathesis.toml"), "run", str(document)]
                command += ["--url", address, "--max-examples", str(arguments.examples), "--seed", str(arguments.seed)]
                environment = {**os.environ, **known}
                if subprocess.run([*command, "--no-color"], env=environment, cwd=folder).returncode != 0:
                    wrong.append(f"What {name} answers and what its contract says differ; see above.")
        finally:
            wrong += program.end()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for sentence in wrong:
        print(sentence)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
