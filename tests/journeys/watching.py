"""What a browser complains about while it reads: scripts, policy, other sites, answers that failed."""

from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, Request, Response

from tests.journeys.serving import LiveSite

WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}
TIMEOUT_MS = 10_000
REPORT = """
document.addEventListener('securitypolicyviolation', event => {
  console.error('policy violation: ' + event.violatedDirective + ' ' + event.blockedURI + ' in ' + location.pathname);
});
"""
# The browser says this of every document that answers 4xx; the answers themselves are watched apart.
ANSWER = "Failed to load resource: the server responded with a status of"


class Watch:
    """Listens to all pages of a browser context."""

    def __init__(self, context: BrowserContext, home: str) -> None:
        self.context, self.host = context, urlsplit(home).netloc
        self.problems: list[str] = []
        self.requests: list[str] = []
        context.add_init_script(REPORT)
        context.on("page", self._listen)
        context.on("request", self._take_request)
        context.on("response", self._take_response)

    def _listen(self, page: Page) -> None:
        page.on("console", self._take_message)
        page.on("pageerror", lambda error: self.problems.append(f"script error: {error}"))
        page.on("dialog", self._take_dialog)

    def _take_message(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(ANSWER):
            self.problems.append(f"console {message.type}: {message.text}")

    def _take_dialog(self, dialog: Dialog) -> None:
        self.problems.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _take_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        self.requests.append(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.netloc != self.host:
            self.problems.append(f"request to another site: {request.url}")

    def _take_response(self, response: Response) -> None:
        is_document = response.request.resource_type == "document"
        if response.status >= 500 or (response.status >= 400 and not is_document):
            self.problems.append(f"{response.status} from {response.url}")


class Windows:
    """The browsers of a story's people, each apart from the others."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._watches: list[Watch] = []

    def __call__(self, site: LiveSite, *, viewport: dict[str, int] = WIDE, scripts: bool = True) -> BrowserContext:
        context = self._browser.new_context(
            base_url=site.url,
            locale="es-SV",
            viewport={"width": viewport["width"], "height": viewport["height"]},
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        context.set_default_timeout(TIMEOUT_MS)
        self._watches.append(Watch(context, site.url))
        return context

    def problems(self) -> list[str]:
        return [problem for watch in self._watches for problem in watch.problems]

    def close(self) -> None:
        problems = self.problems()
        for watch in self._watches:
            watch.context.close()
        assert not problems, "\n".join(problems)
