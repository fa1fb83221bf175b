"""A headless Chromium that a test drives through pipes (Chrome DevTools Protocol)."""

import base64
import fcntl
import json
import os
import pathlib
import select
import subprocess
import tempfile
import time

import needs
from daemons import wait_until

PATIENCE = 30.0


class Browser:
    """One page; a context manager. What the console is told, and what is fetched, is kept."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="browser-", ignore_cleanup_errors=True)
        to_browser, self._to = os.pipe()
        self._from, from_browser = os.pipe()
        # It reads from 3 and writes to 4; these are out of the way before.
        reading, writing = (fcntl.fcntl(end, fcntl.F_DUPFD, 10)
                            for end in (to_browser, from_browser))
        self._process = subprocess.Popen(
            self._command(), pass_fds=(3, 4),
            preexec_fn=lambda: (os.dup2(reading, 3), os.dup2(writing, 4)),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for end in (to_browser, from_browser, reading, writing):
            os.close(end)
        self._unread, self._count, self._answers = b"", 0, {}
        self.console, self.fetched = [], []
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target,
                                   flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def _command(self):
        return [needs.program("setpriv"), "--pdeathsig", "KILL",
                needs.program("chromium"), "--headless=new", "--no-sandbox", "--disable-gpu",
                "--disable-dev-shm-usage", "--no-first-run", "--remote-debugging-pipe",
                f"--user-data-dir={self._folder.name}", "about:blank"]

    def _call(self, method, session=None, **parameters):
        self._count += 1
        message = {"id": self._count, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        number = self._count
        deadline = time.monotonic() + PATIENCE
        while number not in self._answers:
            if time.monotonic() > deadline:
                raise AssertionError(f"the browser does not answer to {method}")
            self._read(0.1)
        answer = self._answers.pop(number)
        if "error" in answer:
            raise AssertionError(f"{method}: {answer['error']}")
        return answer["result"]

    def call(self, method, **parameters):
        return self._call(method, self._session, **parameters)

    def _read(self, patience):
        if not select.select([self._from], [], [], patience)[0]:
            return
        piece = os.read(self._from, 1 << 20)
        if not piece:
            raise AssertionError(f"the browser has ended with {self._process.wait()}")
        *messages, self._unread = (self._unread + piece).split(b"\0")
        for message in messages:
            self._take(json.loads(message))

    def _take(self, message):
        if "id" in message:
            self._answers[message["id"]] = message
        elif message["method"] == "Runtime.consoleAPICalled":
            self.console.append(message["params"]["args"])
        elif message["method"] == "Runtime.exceptionThrown":
            self.console.append(message["params"]["exceptionDetails"])
        elif message["method"] == "Log.entryAdded":
            self.console.append(message["params"]["entry"])
        elif message["method"] == "Network.requestWillBeSent":
            self.fetched.append(message["params"]["request"]["url"])

    def open(self, url):
        self.call("Page.navigate", url=url)
        wait_until(lambda: self.evaluate("document.readyState") == "complete", f"{url} is loaded",
                   PATIENCE)

    def evaluate(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True,
                           awaitPromise=True)
        if "exceptionDetails" in result:
            raise AssertionError(result["exceptionDetails"])
        return result["result"].get("value")

    def text(self, selector):
        return self.evaluate(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''")

    def wait_for_text(self, selector, text):
        wait_until(lambda: text in self.text(selector), f"{selector} shows {text!r}", PATIENCE)

    def press(self, key, code):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                      windowsVirtualKeyCode=code)

    def prefer(self, scheme):
        """light or dark; and what is drawn is there at once"""
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": scheme},
                            {"name": "prefers-reduced-motion", "value": "reduce"}])

    def show(self, width, height):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=False)

    def screenshot(self, path, most=3000):
        """All of the page, or as much as can be looked at."""
        width, height = self.evaluate("[document.documentElement.scrollWidth,"
                                      f"Math.min(document.documentElement.scrollHeight, {most})]")
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        image = self.call("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)["data"]
        pathlib.Path(path).write_bytes(base64.b64decode(image))

    def end(self):
        self._process.kill()
        self._process.wait()
        os.close(self._to)
        os.close(self._from)
        self._folder.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()
