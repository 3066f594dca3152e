"""Chromium for tests, driven over two pipes; no network."""

import contextlib
import json
import os
import shutil
import subprocess

CHROMIUM = next((p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), None)


class Browser:
    """Chromium's remote control over two pipes, no network."""

    def __init__(self, page, home):
        to_it, self.to = os.pipe()
        self.back, from_it = os.pipe()
        # It reads from descriptor 3 and writes to descriptor 4.
        command = f'exec "$0" "$@" 3<&{to_it} 4>&{from_it}'
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-pipe"]
        self.process = subprocess.Popen(
            ["bash", "-c", command, CHROMIUM, *options, f"--user-data-dir={home}", "about:blank"],
            pass_fds=(to_it, from_it), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(to_it), os.close(from_it)
        self.number, self.held, self.session, self.events = 0, b"", None, []
        target = next(t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for room in ("Runtime", "Log", "Page"):
            self.call(f"{room}.enable")
        self.call("Emulation.setDeviceMetricsOverride", width=1200, height=900, deviceScaleFactor=1, mobile=False)
        self.call("Page.navigate", url=page.as_uri())
        while not any(e.get("method") == "Page.loadEventFired" for e in self.events):
            self.read()

    def read(self):
        while b"\0" not in self.held:
            more = os.read(self.back, 1 << 20)
            assert more, "the browser ended"
            self.held += more
        message, self.held = self.held.split(b"\0", 1)
        message = json.loads(message)
        if "id" not in message:
            self.events.append(message)
        return message

    def call(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        os.write(self.to, json.dumps(message | ({"sessionId": self.session} if self.session else {})).encode() + b"\0")
        while (answer := self.read()).get("id") != self.number:
            pass
        return answer["result"]

    def ask(self, script):
        return self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)["result"][
            "value"
        ]

    def close(self):
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)

    def mouse(self, kind, x, y, **more):
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def drag(self, start, end):
        self.mouse("mouseMoved", *start)
        self.mouse("mousePressed", *start, button="left", buttons=1, clickCount=1)
        if start != end:
            self.mouse("mouseMoved", *end, button="left", buttons=1)
        self.mouse("mouseReleased", *end, button="left", clickCount=1)

    def place(self, number, row):
        return self.ask(
            f"(() => {{ const b = document.querySelectorAll('svg.map')[{number}].querySelector('[data-row=\"{row}\"]')"
            ".getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; })()"
        )

    def shown(self):
        return self.ask(
            "[...document.querySelectorAll('svg.map')].map((m) => [...m.querySelectorAll('circle:not(.out)')]"
            ".map((c) => Number(c.dataset.row)))"
        )
