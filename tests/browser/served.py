"""The page of `picklebook serve`: what it shows and answers, and axe-core on it, in light and dark."""

import contextlib
import re
import subprocess

from axe_playwright_python.sync_playwright import Axe

# A column of the balance scale, and what is typed into its field; "L" is what the tree says of that row.
ROW = {"Left-Weight": "1", "Left-Distance": "5", "Right-Weight": "1", "Right-Distance": "2"}
NARROW, WIDE = 360, 900


@contextlib.contextmanager
def server(command, folder):
    """A server with a tree of the balance scale's, in two versions."""
    for version, depth in (("1", "2"), ("2", "9")):
        place = folder / "served/scale" / version
        place.mkdir(parents=True, exist_ok=True)
        table = folder / "data/balance-scale.csv"
        arguments = ["--target", "Class", "--max-depth", depth, "--output", place / "model.pkl"]
        subprocess.run([command, "train", table, *arguments], check=True, stdout=subprocess.DEVNULL)
    arguments = [command, "serve", "--port", "0", folder / "served"]
    process = subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True)
    try:
        for line in process.stderr:
            if found := re.match(r"(http://\S+/) shows the models", line):
                yield found[1]
                break
        else:
            raise RuntimeError("`picklebook serve` ended")
        process.terminate()
        process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()


def findings(context, command, folder, output):
    """What is wrong with the page, as lines."""
    with server(command, folder) as address:
        page = context.new_page()
        try:
            return [line for theme in ("light", "dark") for line in look(page, address, theme, output)]
        finally:
            page.close()


def look(page, address, theme, output):
    asked, said = [], []

    def note_request(request):
        asked.append(request.url)

    def note_message(message):
        said.append(message.text)

    def note_error(error):
        said.append(str(error))

    listeners = [("request", note_request), ("console", note_message), ("pageerror", note_error)]
    for event, listener in listeners:
        page.on(event, listener)
    page.emulate_media(color_scheme=theme)
    page.goto(address)
    page.get_by_role("heading", name="scale", exact=True).wait_for()
    wrong = axe(page, "as it opens")
    for column, value in ROW.items():
        page.get_by_label(column, exact=True).fill(value)
    page.get_by_label("Right-Distance", exact=True).press("Enter")
    answer = page.locator(".answer strong")
    answer.wait_for()
    if answer.inner_text() != "L":
        wrong.append(f"the answer is {answer.inner_text()}")
    # The version is said, and all probabilities.
    answered = page.locator(".answer").inner_text()
    if "version 2" not in answered or "1.0000" not in answered:
        wrong.append(f"the answer is told as {answered}")
    # A row that is refused says why, where a screen reader hears it.
    page.get_by_label("Left-Weight", exact=True).fill("heavy")
    page.get_by_label("Left-Weight", exact=True).press("Enter")
    refused = page.locator(".answer", has_text="holds words")
    refused.wait_for()
    if refused.get_attribute("role") != "status":
        wrong.append("the refusal is not announced")
    wrong += axe(page, "with a refusal")
    # What was asked is in the table of the last minutes, which the page fetches itself.
    page.wait_for_function("() => document.querySelectorAll('#recent tr').length > 0")
    for width in (NARROW, WIDE):
        page.set_viewport_size({"width": width, "height": 1000})
        if (far := page.evaluate("() => document.documentElement.scrollWidth - innerWidth")) > 0:
            wrong.append(f"at a width of {width} the page is {far} too wide")
        page.screenshot(path=output / f"served-{theme}-{width}.png", full_page=True)
    wrong += [f"it asked elsewhere: {url}" for url in asked if not url.startswith((address, "data:"))]
    # The one that was refused is a failure that the browser tells of.
    wrong += [f"the browser says: {text}" for text in said if "400" not in text]
    for event, listener in listeners:
        page.remove_listener(event, listener)
    return [f"{theme}: {what}" for what in wrong]


def axe(page, when):
    """All that axe-core finds."""
    results = Axe().run(page, options={"resultTypes": ["violations"]}).response
    if not results["passes"]:
        return [f"{when}: axe-core found nothing to judge"]
    return [
        f"{when}: {violation['id']} ({violation['impact']}): {violation['help']}: {node['html'][:300]}"
        for violation in results["violations"]
        for node in violation["nodes"]
    ]
