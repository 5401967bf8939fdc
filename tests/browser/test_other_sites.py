"""What another site can do with our pages in the browser of somebody who is signed in: nothing (W6)."""

import pytest

EVIL = "http://evil.example"


@pytest.fixture
def elsewhere(browser, site, signed_in):
    """A page of another site, in the window of the head of the bureau."""
    context = browser.new_context(storage_state=signed_in("head"))
    page = context.new_page()

    def show(html: str):
        page.route(f"{EVIL}/**", lambda route: route.fulfill(content_type="text/html", body=html))
        page.goto(f"{EVIL}/")
        return page

    yield show
    context.close()


@pytest.mark.parametrize("address", ["/", "/cases/", "/accounts/login/", "/decisions/"])
def test_no_page_of_ours_appears_in_a_frame_of_theirs(site, elsewhere, address):
    page = elsewhere(f'<iframe src="{site}{address}"></iframe>')
    page.wait_for_load_state("networkidle")
    inner = page.frames[1]
    assert site not in inner.url
    assert "<main" not in inner.content()


@pytest.mark.parametrize("address", ["/cases/", "/api/v1/cases/", "/search/?q=旦增"])
@pytest.mark.parametrize("mode", ["cors", "no-cors"])
def test_no_script_of_theirs_reads_anything_of_ours(site, elsewhere, address, mode):
    page = elsewhere("<p>free prizes</p>")
    said = page.evaluate(
        """async ([address, mode]) => {
            try {
                const answer = await fetch(address, {mode, credentials: "include"});
                return await answer.text();
            } catch (error) { return "refused"; }
        }""",
        [site + address, mode],
    )
    assert said in {"refused", ""}


def test_a_form_of_theirs_changes_nothing_of_ours(world, site, elsewhere):
    case = world.file_case()
    address = f"{site}/cases/{case.uid}/acts/case.assign/"
    field = '<input name="officer" value="implementer">'
    page = elsewhere(f'<form method="post" action="{address}">{field}<button>!</button></form>')
    with page.expect_navigation() as waited:
        page.click("button")
    assert waited.value.status == 403
    case.refresh_from_db()
    assert case.implementer is None
