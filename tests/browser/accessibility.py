"""axe-core on what nbconvert makes of every notebook and of every notebook of solutions."""

from axe_playwright_python.sync_playwright import Axe
from nbconvert import HTMLExporter

# The notebook's own content alone is judged. What stands around it is nbconvert's template: the page's frame, the
# prompts "[1]:", the links "¶" at headings, the colours of code, and that links are not underlined. The content has no
# colours of its own but in pictures, so one theme is enough.
CONTEXT = {
    "include": [[".jp-RenderedMarkdown"], [".jp-OutputArea-output"]],
    "exclude": [[".anchor-link"], [".highlight"]],
}
OPTIONS = {"resultTypes": ["violations"], "rules": {"link-in-text-block": {"enabled": False}}}
GRAVE = ("serious", "critical")


def findings(context, folder, output):
    """What axe-core finds serious or critical, as lines."""
    page = context.new_page()
    exporter = HTMLExporter()
    wrong = []
    for file in sorted(folder.glob("*.ipynb")) + sorted(folder.glob("solutions/*.ipynb")):
        name = f"{file.parent.name}-{file.stem}.html"
        html, _ = exporter.from_filename(str(file))
        (output / name).write_text(html)
        page.goto((output / name).as_uri(), wait_until="domcontentloaded")
        results = Axe().run(page, CONTEXT, OPTIONS).response
        if not results["passes"]:
            wrong.append(f"{name}: axe-core found nothing to judge")
        for violation in results["violations"]:
            if violation["impact"] in GRAVE:
                what = f"{name}: {violation['id']} ({violation['impact']}): {violation['help']}"
                wrong += [f"{what}: {node['html'][:300]}" for node in violation["nodes"]]
    page.close()
    return wrong
