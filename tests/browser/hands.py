"""What a person does at the screen: every click and key is counted."""

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Locator, Page, expect

from enforcement.models import Case

Target = str | Locator


class Hands:
    """A page and the person before it.

    A click is one click; a pressed key or a chord is one key, a typed character is one key; choosing from a
    list is two clicks (open, choose), picking a file is one.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0
        self.keys = 0
        self.complaints: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: dialog.accept())

    def _heard(self, message: ConsoleMessage) -> None:
        # The browser itself reports refused forms (422, 409) as errors; they are the tests' own doing.
        if message.type == "error" and "the server responded with a status of 4" not in message.text:
            self.complaints.append(message.text)

    # --- looking --------------------------------------------------------------------------
    def find(self, target: Target) -> Locator:
        return self.page.locator(target) if isinstance(target, str) else target

    def go(self, path: str) -> "Hands":
        """To begin with; not counted."""
        self.page.goto(path)
        return self

    def sees(self, text: str) -> None:
        expect(self.page.locator("main")).to_contain_text(text)

    def done(self) -> None:
        """The act was accepted: its sentence stands on top."""
        expect(self.page.locator(".messages .note.ok").first).to_be_visible()

    @property
    def case(self) -> Case:
        """The case whose page is open."""
        found = re.search(r"/cases/([0-9a-f-]{36})/", self.page.url)
        assert found, self.page.url
        return Case.objects.get(uid=found[1])

    # --- doing ----------------------------------------------------------------------------
    def click(self, target: Target) -> "Hands":
        self.clicks += 1
        self.find(target).first.click()
        return self

    def follow(self, target: Target) -> "Hands":
        """Click what leads to another page, and be there."""
        with self.page.expect_navigation():
            self.click(target)
        return self

    def press(self, *keys: str) -> "Hands":
        for key in keys:
            self.keys += 1
            self.page.keyboard.press(key)
        return self

    def write(self, name: str, text: str) -> "Hands":
        """Into the field of this name: a click to get there, a key for each character."""
        self.clicks += 1
        self.keys += len(text)
        self.page.fill(f'main [name="{name}"]', text)
        return self

    def type(self, text: str) -> "Hands":
        self.keys += len(text)
        self.page.keyboard.type(text)
        return self

    def choose(self, name: str, value: str) -> "Hands":
        self.clicks += 2
        self.page.focus(f'main [name="{name}"]')
        self.page.select_option(f'main [name="{name}"]', value)
        return self

    def attach(self, name: str, path: Path | dict[str, Any]) -> "Hands":
        self.clicks += 1
        self.page.set_input_files(f'main [name="{name}"]', path)  # type: ignore[arg-type]
        return self

    def fill(self, **values: str) -> "Hands":
        """Fields by name; what is a list is chosen from, what is a box is ticked."""
        for name, value in values.items():
            field = self.page.locator(f'main [name="{name}"]')
            if field.evaluate("field => field.tagName") == "SELECT":
                self.choose(name, value)
            elif field.get_attribute("type") == "checkbox":
                field.set_checked(value == "true")
            else:
                self.write(name, value)
        return self

    def submit(self) -> "Hands":
        """Send the form with its one key, and wait for the answer."""
        self.keys += 1
        with self.page.expect_navigation():
            self.page.keyboard.press("Control+Enter")
        return self

    def open_step(self, case: Case, code: str) -> "Hands":
        """From the page of a case to the form of one of its next steps; not counted."""
        self.go(f"/cases/{case.uid}/")
        link = self.page.locator(f'.step a[href*="/acts/{code}/"]').first
        link.evaluate("link => { const fold = link.closest('details'); if (fold) fold.open = true; }")
        with self.page.expect_navigation():
            link.click()
        return self

    def does(self, case: Case, code: str, **values: str) -> "Hands":
        """An act from the page of its case: its form filled in and sent, and accepted."""
        self.open_step(case, code).fill(**values).submit().done()
        return self

    def approves(self, case: Case) -> "Hands":
        """What is proposed on a case, by the key, from the inbox."""
        proposal = case.proposals.get(state="open")
        self.go(f"/decisions/{proposal.uid}/")
        with self.page.expect_navigation():
            self.press("y")
        self.done()
        return self
