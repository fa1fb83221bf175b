"""The status page in a real browser.

`PORTOLAN_SCREENSHOTS` names a folder for pictures of it, to be looked at.
"""

import os
import pathlib
import unittest

import daemons
import network
from browser import Browser
from daemons import wait_until
from web_world import WebTest


def setUpModule():
    network.enter_private_network()
    daemons.portolan()


class PageTest(WebTest):
    def setUp(self):
        super().setUp()
        self.browser = self.enterContext(Browser())

    def shoot(self, name):
        folder = os.environ.get("PORTOLAN_SCREENSHOTS")
        if folder:
            self.browser.screenshot(pathlib.Path(folder, f"{name}.png"))

    def assert_quiet(self):
        """Nothing was complained of, and nothing came from elsewhere."""
        self.browser.evaluate("1")
        self.assertEqual(self.browser.console, [])
        self.assertEqual([url for url in self.browser.fetched
                          if not url.startswith((self.url, "about:"))], [])

    def open(self):
        self.browser.open(self.url)
        self.browser.wait_for_text("#live", "live")


class Live(PageTest):
    def test_who_is_there_and_who_comes_and_goes_is_seen_without_a_reload(self):
        self.add("a@h1")
        self.serve()
        self.register(b"one")
        self.wait_for_members("a@h1")
        self.open()
        self.browser.evaluate("window.mark = 1")
        self.browser.wait_for_text("#members", "a@h1")
        self.browser.wait_for_text("#names", "one")
        self.assertIn("ready", self.browser.text("#state"))
        self.add("b@h2")
        self.browser.wait_for_text("#members", "b@h2")
        self.browser.wait_for_text("#changes", "b@h2")
        drawn = "document.querySelectorAll('#ways > g.verified').length"
        wait_until(lambda: self.browser.evaluate(drawn) == 2, "both are on the chart")
        two = self.register(b"two")
        self.browser.wait_for_text("#names", "two")
        two.close()
        wait_until(lambda: "two" not in self.browser.text("#names"), "it has gone")
        self.cluster.hosts["127.0.1.1"].name = ""
        wait_until(lambda: "a@h1" not in self.browser.text("#members"), "it has left")
        self.browser.wait_for_text("#changes", "its EPMD no longer lists it")
        self.assertEqual(self.browser.evaluate("window.mark"), 1)
        self.assert_quiet()

    def test_who_cannot_be_connected_to_is_shown_with_the_reason(self):
        self.add("a@h1", "b@h2")
        self.serve()
        self.wait_for_members("a@h1", "b@h2")
        self.open()
        self.dns.set("h2", "192.0.2.9")
        self.add("c@h3")
        self.dns.set("h3", "192.0.2.9")
        self.browser.wait_for_text("#non-members", "c@h3")
        self.browser.wait_for_text("#non-members", "resolves here, but not to")
        wait_until(lambda: self.browser.evaluate("!!document.querySelector('#ways > g.non-member')"),
                   "it is on the chart")
        self.assert_quiet()

    def test_it_says_that_it_is_not_live_any_more_and_comes_back(self):
        daemon = self.serve(query=None)
        self.open()
        daemon.end()
        self.browser.wait_for_text("#live", "not connected")
        self.serve(query=None)
        self.register(b"later")
        self.browser.wait_for_text("#live", "live")
        self.browser.wait_for_text("#names", "later")


class ForAll(PageTest):
    def test_without_javascript_it_is_all_there(self):
        self.add("a@h1")
        self.serve()
        self.register(b"one")
        self.wait_for_members("a@h1")
        self.browser.call("Emulation.setScriptExecutionDisabled", value=True)
        self.browser.open(self.url)
        self.assertIn("a@h1", self.browser.text("#members table"))
        self.assertIn("one", self.browser.text("#names table"))
        self.assertTrue(self.browser.evaluate("document.getElementById('live').hidden"))
        self.assertEqual(self.browser.evaluate("document.querySelectorAll('#ways > g').length"), 1)

    def test_by_keyboard_everything_is_reached(self):
        self.add("a@h1")
        self.serve()
        self.wait_for_members("a@h1")
        self.open()
        seen = []
        for _ in range(40):
            self.browser.press("Tab", 9)
            seen.append(self.browser.evaluate(
                "document.activeElement.getAttribute('aria-label') ?? "
                "document.activeElement.getAttribute('href')"))
        for wanted in ("#members", "Members", "Non-members", "Registered here", "Looked for",
                       "/metrics", "/v1/sd"):
            self.assertIn(wanted, seen)

    def test_in_light_and_in_dark_it_can_be_read(self):
        """The contrast that WCAG asks of text, 4.5, for all of it."""
        members = [f"node@{host}" for host in ("genoa", "venice", "palma", "messina", "lisbon")]
        self.add(*members, "node@cadiz")
        self.dns.set("cadiz", "192.0.2.9")
        self.serve()
        self.register(b"node")
        self.wait_for_members(*members)
        self.browser.show(1200, 900)
        self.open()
        backgrounds = set()
        for scheme in ("light", "dark"):
            with self.subTest(scheme):
                self.browser.prefer(scheme)
                self.shoot(scheme)
                worst, background = self.browser.evaluate(CONTRAST)
                self.assertGreaterEqual(worst[0], 4.5, worst)
                backgrounds.add(background)
        self.assertEqual(len(backgrounds), 2)

    def test_on_a_telephone_nothing_is_wider_than_the_screen(self):
        self.add("a-node-with-quite-a-long-name@h1")
        self.serve()
        self.browser.show(390, 844)
        self.open()
        self.shoot("telephone")
        self.assertLessEqual(self.browser.evaluate("document.documentElement.scrollWidth"), 390)


# The least contrast of any text with what is behind it, as [[contrast, text], page's background].
CONTRAST = """(() => {
  const parse = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = (color) => {
    const [r, g, b] = parse(color).map((c) => c / 255)
      .map((c) => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const color = getComputedStyle(each).backgroundColor;
      if (parse(color)[3] !== 0) return color;
    }
    return "rgb(255, 255, 255)";
  };
  const worst = [];
  for (const element of document.body.querySelectorAll("*")) {
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || element.closest("title")) continue;
    const style = getComputedStyle(element);
    const ink = element.closest("svg") ? style.fill : style.color;
    const [one, other] = [light(ink), light(behind(element))];
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    worst.push([contrast, element.textContent]);
  }
  worst.sort((a, b) => a[0] - b[0]);
  return [worst[0], getComputedStyle(document.body).backgroundColor];
})()"""


if __name__ == "__main__":
    unittest.main()
