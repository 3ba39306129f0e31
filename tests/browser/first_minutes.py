"""What a reader meets in the first minutes. Each check returns what it found wrong, as lines."""

import json

# How many characters of a file's name are shown at least.
SHOWN = 20
# An exercise, and what does not compile in its place.
RIGHT, WRONG = "exercise-2-answer", 'let wrong: u8 = "no number";\nexercises::check_1_2(None)'


class FirstMinutes:
    """Checks of a notebook that is short and has all that matters here."""

    def __init__(self, lab, folder):
        self.lab = lab
        self.folder = folder
        self.name = "01_why_models_are_saved.ipynb"

    def first_page_is_open(self):
        """JupyterLab opens on the first page, with links, and offers Rust alone."""
        page = self.lab.page
        page.locator(".jp-MarkdownViewer").get_by_role("heading", name="The notebooks", exact=True).wait_for()
        wrong = []
        if page.locator(".jp-Launcher").count() > 0:
            wrong.append("the launcher is open")
        specs = page.evaluate(
            "async () => { const specs = jupyterapp.serviceManager.kernelspecs; await specs.ready;"
            " return [specs.specs.default, Object.keys(specs.specs.kernelspecs)]; }"
        )
        if specs != ["rust", ["rust"]]:
            wrong.append(f"the default kernel and those that are offered: {specs}")
        page.locator(".jp-MarkdownViewer").get_by_role("link", name="1. Why models are saved").click()
        self.lab.wait("inFront", self.name)
        return wrong

    def names_can_be_told_apart(self):
        """Enough of each name is shown in the list of files, and solutions have names of their own."""
        page = self.lab.page
        self.lab.list_of_files.click()
        names = page.locator(".jp-DirListing-item .jp-DirListing-itemText")
        names.first.wait_for()
        cut = names.evaluate_all(
            "(names) => names.map((name) => [name.textContent, name.clientWidth / name.scrollWidth])"
            f".filter(([text, shown]) => text.length * Math.min(shown, 1) < Math.min(text.length, {SHOWN}))"
        )
        self.lab.list_of_files.click()
        own = {path.name for path in self.folder.glob("*.ipynb")}
        both = own & {path.name for path in self.folder.glob("solutions/*.ipynb")}
        return [f"cut: {name}" for name in cut] + [f"a notebook and its solutions: {name}" for name in both]

    def closing_ends_the_kernel(self):
        """The kernel of a notebook that is closed ends."""
        self.lab.show(self.name)
        self.lab.wait_for_kernel(self.name)
        self.lab.page.evaluate("name => asked.panel(name).close()", self.name)
        running = (
            "async (name) => { const sessions = jupyterapp.serviceManager.sessions; await sessions.refreshRunning();"
            " return ![...sessions.running()].some((session) => session.path === name); }"
        )
        self.lab.page.wait_for_function(running, arg=self.name, polling=200)
        return []

    def runs_as_soon_as_it_is_open(self):
        """All cells of a notebook that was opened a moment ago run, without a question, and what is saved then is
        the notebook as it was."""
        page = self.lab.page
        before = json.loads((self.folder / self.name).read_text())
        self.lab.show(self.name)
        self.lab.menu("Run", "Run All Cells")
        asked = page.locator(".jp-Dialog")
        wrong = []
        ran = "name => asked.allRan(name) || document.querySelector('.jp-Dialog') !== null"
        page.wait_for_function(ran, arg=self.name, polling=50)
        if asked.count() > 0:
            return [f"JupyterLab asked: {asked.last.inner_text()}"]
        for cell in self.lab.ask("cells", self.name):
            if cell["errors"]:
                wrong.append(f"cell {cell['id']}: {cell['errors']}")
        # The last lines of the last cell may be on their way.
        page.wait_for_timeout(500)
        page.evaluate("name => asked.panel(name).context.save()", self.name)
        after = json.loads((self.folder / self.name).read_text())
        return wrong + differences(before, after)

    def a_failed_cell_is_never_right(self):
        """An exercise is right, and then no longer, because its cell does not compile."""
        solutions = json.loads((self.folder / "solutions/01_solutions.ipynb").read_text())
        solution = next("".join(cell["source"]) for cell in solutions["cells"] if cell["id"] == RIGHT)
        self.lab.show(self.name)
        self.lab.wait_for_kernel(self.name)
        said = [self.run_cell(RIGHT, source) for source in (solution, WRONG)]
        wrong = []
        if not said[0]["printed"].startswith("Right: "):
            wrong.append(f"the solution: {said[0]['printed']}")
        if not said[1]["failed"] or "Right" in said[1]["printed"] or "Not yet" in said[1]["printed"]:
            wrong.append(f"what does not compile: {said[1]['printed']}")
        # As it was: nobody has edited it.
        self.lab.page.evaluate("name => asked.panel(name).context.revert()", self.name)
        return wrong

    def run_cell(self, identifier, source):
        """Puts another source into a cell, runs it, and returns what is known of it then."""
        page = self.lab.page
        page.evaluate(
            "([name, id, source]) => { const notebook = asked.panel(name).content;"
            " const place = notebook.widgets.findIndex((cell) => cell.model.id === id);"
            " notebook.widgets[place].model.sharedModel.setSource(source); notebook.activeCellIndex = place;"
            " return jupyterapp.commands.execute('notebook:run-cell'); }",
            [self.name, identifier, source],
        )
        shown = "([name, id]) => asked.cells(name).some((cell) => cell.id === id && cell.ran && cell.hasOutputs)"
        page.wait_for_function(shown, arg=[self.name, identifier], polling=50)
        return next(cell for cell in self.lab.ask("cells", self.name) if cell["id"] == identifier)


def differences(before, after):
    """What has changed in a notebook's file, but for measured figures."""
    wrong = []
    for name in ("metadata", "nbformat", "nbformat_minor"):
        if before[name] != after[name]:
            wrong.append(f"{name}: {before[name]} became {after[name]}")
    if len(before["cells"]) != len(after["cells"]):
        return [*wrong, "there are more or fewer cells"]
    for old, new in zip(before["cells"], after["cells"]):
        if "measured" in old["metadata"].get("tags", []):
            continue
        for name in sorted(old.keys() | new.keys()):
            if old.get(name) != new.get(name):
                wrong.append(f"cell {old['id']}, {name}: {old.get(name)} became {new.get(name)}")
    return wrong
