"""What every page has: found by role and label, as people find it."""

import re
from datetime import date
from typing import TypeVar

from playwright.sync_api import Locator, Page, expect

from tests.journeys.looking import look

Next = TypeVar("Next", bound="Screen")


class Screen:
    """A page that is open; `heading` is what its first heading holds."""

    heading = ""

    def __init__(self, page: Page) -> None:
        self.page = page
        first = page.get_by_role("heading", level=1)
        expect(first).to_be_visible()
        if self.heading:
            expect(first).to_contain_text(self.heading)
        look(page)

    def field(self, label: str) -> Locator:
        """The visible field whose label begins so."""
        return self.page.get_by_label(re.compile("^" + re.escape(label))).filter(visible=True).first

    def fill(self, label: str, value: str | date) -> None:
        self.field(label).fill(value.isoformat() if isinstance(value, date) else value)

    def choose(self, label: str, option: str) -> None:
        """Choose the option that holds these words."""
        field = self.field(label)
        value = field.locator("option", has_text=option).first.get_attribute("value")
        field.select_option(value)

    def tick(self, *labels: str) -> None:
        for label in labels:
            self.page.get_by_label(label).first.check()

    def unfold(self, summary: str) -> None:
        self.page.locator("summary", has_text=summary).first.click()
        look(self.page)

    def press(self, name: str, to: type[Next], *, within: Locator | None = None) -> Next:
        """Press a button and be on the next page."""
        button = (within or self.page).get_by_role("button", name=re.compile("^" + re.escape(name)))
        with self.page.expect_navigation():
            button.filter(visible=True).first.click()
        return to(self.page)

    def follow(self, name: str, to: type[Next], *, within: Locator | None = None) -> Next:
        with self.page.expect_navigation():
            (within or self.page).get_by_role("link", name=re.compile(re.escape(name))).first.click()
        return to(self.page)

    def open(self, path: str, to: type[Next]) -> Next:
        self.page.goto(path)
        return to(self.page)

    def see(self, *texts: str) -> None:
        for text in texts:
            expect(self.page.get_by_text(text).filter(visible=True).first).to_be_visible()

    def miss(self, *texts: str) -> None:
        body = self.page.content()
        for text in texts:
            assert text not in body, f"«{text}» is on {self.page.url}"
