"""The status page of a daemon that finds as many members as a test wants, in a real browser.

`PORTOLAN_SCREENSHOTS` names a folder for pictures of it, to be looked at.
"""

import os
import pathlib

from browser import Browser
from daemons import wait_until
from web_world import WebTest

WIDE, NARROW = (1200, 900), (390, 844)
UNREACHABLE = "192.0.2.9"


class StatesTest(WebTest):
    interval = "2s"

    def setUp(self):
        super().setUp()
        self.browser = self.enterContext(Browser())

    def grow(self, count, troubled=0, words=()):
        """Nodes behind aliases of at most a hundred; the last cannot be reached by their names."""
        names = [f"node@m{i}" for i in range(1, count + 1)]
        addresses = [f"127.1.{i // 200}.{i % 200 + 1}" for i in range(count)]
        for name, address in zip(names, addresses):
            self.cluster.add(address, name)
        aliases = [f"web{i // 100}" for i in range(0, count, 100)]
        for at, alias in enumerate(aliases):
            self.dns.set(alias, *addresses[100 * at:100 * at + 100])
        for name in names[count - troubled:]:
            self.dns.set(name.partition("@")[2], UNREACHABLE)
        queries = [word for alias in aliases
                   for word in ("--discover", f"{alias}:{self.cluster.epmd_port}")]
        self.serve(*queries, *words, query=None, interval=self.interval)
        sound = count - troubled
        wait_until(lambda: len(self.json("/v1/members")["members"]) == sound, "all are found", 60)

    def open(self, size=WIDE):
        self.browser.show(*size)
        self.browser.open(self.url)
        self.browser.wait_for_text("#live", "live")

    def shoot(self, name):
        folder = os.environ.get("PORTOLAN_SCREENSHOTS")
        if not folder:
            return
        for scheme in ("light", "dark"):
            self.browser.prefer(scheme)
            self.browser.screenshot(pathlib.Path(folder, f"{name}-{scheme}.png"))

    def look_at(self, name):
        """In both sizes: labels do not meet, nothing is wider than the screen, nothing went wrong."""
        self.open()
        self.shoot(f"{name}-wide")
        self.assertEqual(self.browser.evaluate(MEETING), [])
        self.open(NARROW)
        self.shoot(f"{name}-narrow")
        self.assertLessEqual(self.browser.evaluate("document.documentElement.scrollWidth"), 390)
        self.assertEqual(self.browser.evaluate(TOO_WIDE), [])
        self.open()
        self.assertEqual(self.browser.console, [])

    def count(self, selector):
        return self.browser.evaluate(f"document.querySelectorAll('{selector}').length")

    def tops(self, selector):
        return self.browser.evaluate(
            f"[...document.querySelectorAll('{selector}')]"
            ".map((each) => each.getBoundingClientRect().top)")


# The labels of the chart whose boxes meet, or that reach beyond it.
MEETING = """(() => {
  const sheet = document.querySelector("svg").getBoundingClientRect();
  const boxes = [...document.querySelectorAll("svg text")].map((each) =>
    ({ text: each.textContent, box: each.getBoundingClientRect() }));
  const wrong = boxes.filter(({ box }) => box.left < sheet.left || box.right > sheet.right ||
    box.top < sheet.top || box.bottom > sheet.bottom).map(({ text }) => text);
  boxes.forEach((one, i) => boxes.slice(i + 1).forEach((other) => {
    if (one.box.left < other.box.right && other.box.left < one.box.right &&
        one.box.top < other.box.bottom && other.box.top < one.box.bottom)
      wrong.push([one.text, other.text]);
  }));
  return wrong;
})()"""

# What a reader of a narrow screen would have to move sideways.
TOO_WIDE = """[...document.querySelectorAll(".sheet:not(figure)")]
  .filter((each) => each.scrollWidth > each.clientWidth + 1).map((each) => each.innerText)"""
