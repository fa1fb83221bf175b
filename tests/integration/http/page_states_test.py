"""What the status page shows of none, a few, many and very many members, in a real browser.

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

WIDE, NARROW = (1200, 900), (390, 844)
UNREACHABLE = "192.0.2.9"


def setUpModule():
    network.enter_private_network()
    daemons.portolan()


class StatesTest(WebTest):
    def setUp(self):
        super().setUp()
        self.browser = self.enterContext(Browser())

    def grow(self, count, troubled=0):
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
        words = [word for alias in aliases
                 for word in ("--discover", f"{alias}:{self.cluster.epmd_port}")]
        self.serve(*words, query=None, interval="2s")
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


class Few(StatesTest):
    def test_of_none_it_says_what_is_known(self):
        self.dns.set("web")
        self.serve()
        wait_until(lambda: self.get("/readyz")[0] == 200, "a round is over")
        self.look_at("none")
        self.assertIn("has no address", self.browser.text("#members"))
        self.dns.set("web", "127.0.1.1")
        self.browser.wait_for_text("#members", "has 1 address, and no EPMD answers")

    def test_a_few_are_named_beside_their_places(self):
        self.grow(3)
        self.look_at("3")
        self.assertIn("3 members", self.browser.text("#summary"))
        self.assertIn("No problem is known", self.browser.text("#problems"))
        self.assertEqual(self.count("#ways > g.verified text"), 3)

    def test_forty_are_named_in_natural_order(self):
        self.grow(40)
        self.look_at("40")
        self.assertEqual(self.count("#ways > g.verified text"), 40)
        names = self.browser.evaluate("[...document.querySelectorAll('#members tbody tr')]"
                                      ".map((row) => row.children[0].textContent)")
        self.assertEqual(names, [f"node@m{i}" for i in range(1, 41)])


class Many(StatesTest):
    def test_trouble_among_three_hundred_is_seen_first(self):
        self.grow(300, troubled=7)
        self.look_at("300")
        self.assertIn("300 nodes are drawn by query, those in trouble one by one",
                      self.browser.text("figcaption"))
        self.assertEqual(self.count("#ways > g.non-member text"), 7)
        self.assertIn("7 not members", self.browser.text("#summary"))
        problems = self.tops("#problems tbody tr")
        self.assertEqual(len(problems), 4)  # three of them, and how many more
        self.assertLess(max(problems), WIDE[1] / 2)
        self.browser.call("Emulation.setDeviceMetricsOverride", width=NARROW[0], height=NARROW[1],
                          deviceScaleFactor=1, mobile=True)
        self.assertLess(self.tops("#problems tbody tr")[0], NARROW[1])

    def test_a_thousand_are_counted_and_found(self):
        self.grow(1000, troubled=60)
        self.look_at("1000")
        self.assertLessEqual(self.count("#ways > g"), 40)
        self.assertEqual(self.count("#ways > g.non-member"), 1)
        self.assertEqual(self.count("#members tbody tr"), 940)
        self.assertEqual(self.count("#non-members tbody tr"), 60)


class Searching(StatesTest):
    def type_into_filter(self, text):
        self.browser.evaluate(
            f"filter.value = '{text}'; filter.dispatchEvent(new Event('input'))")

    def names(self):
        return self.browser.evaluate(
            "[...document.querySelectorAll('#members tbody tr:not([hidden])')]"
            ".map((row) => row.children[0].textContent)")

    def test_rows_are_filtered_and_stay_so_when_others_come(self):
        self.grow(12)
        self.open()
        self.type_into_filter("M12")
        self.assertEqual(self.names(), ["node@m12"])
        self.assertEqual(self.count("#ways > g:not(.faded)"), 1)
        self.register(b"m12-too")
        self.browser.wait_for_text("#names", "m12-too")
        self.assertEqual(self.names(), ["node@m12"])
        self.assertEqual(self.browser.text("#matches"), "2 of 14 rows")
        self.type_into_filter("")
        self.assertEqual(len(self.names()), 12)

    def test_a_click_on_a_heading_sorts_and_a_second_one_turns_it_round(self):
        self.grow(12)
        self.open()
        click = "document.querySelector('#members th button').click()"
        self.browser.evaluate(click)
        self.assertEqual(self.names()[:2], ["node@m1", "node@m2"])
        self.browser.evaluate(click)
        self.assertEqual(self.names()[:2], ["node@m12", "node@m11"])
        self.register(b"another")
        self.browser.wait_for_text("#names", "another")
        self.assertEqual(self.names()[:2], ["node@m12", "node@m11"])
        self.assertEqual(self.browser.evaluate(
            "document.querySelector('#members th').getAttribute('aria-sort')"), "descending")


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


if __name__ == "__main__":
    unittest.main()
