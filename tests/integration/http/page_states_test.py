"""What the status page shows of none, a few, many and very many members, in a real browser."""

import unittest

import daemons
import network
from daemons import wait_until
from page_world import NARROW, WIDE, StatesTest


def setUpModule():
    network.enter_private_network()
    daemons.portolan()


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


if __name__ == "__main__":
    unittest.main()
