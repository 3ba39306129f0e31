"""What must hold of the notebooks in JupyterLab. Each check returns what it found wrong, as lines."""

import json
import re
import textwrap

from playwright.sync_api import TimeoutError as PlaywrightTimeout

# How long an output may lag behind its cell's end.
LAG = 10_000  # milliseconds
# What JupyterLab puts in the place of an alt text that is missing.
STAND_IN = "Image"


class Notebooks:
    """The committed notebooks, and the checks of what JupyterLab makes of them."""

    def __init__(self, lab, folder):
        self.lab = lab
        self.folder = folder
        self.names = sorted(path.name for path in folder.glob("*.ipynb"))
        self.cells = {name: json.loads((folder / name).read_text())["cells"] for name in self.names}

    def pictures(self, name):
        """How many pictures the committed outputs have, in whatever form."""
        outputs = [output for cell in self.cells[name] for output in cell.get("outputs", [])]
        return sum(pictures_in(output.get("data", {})) for output in outputs)

    def links(self, name):
        """The texts and targets of the links in the last cell."""
        last = "".join(self.cells[name][-1]["source"])
        return {word: (text, target) for word, text, target in re.findall(r"(\w+): \[(.+?)\]\((.+?)\)", last)}

    def look(self, name, picture):
        """Looks at a whole notebook: its pictures and its width. A photograph of it is kept."""
        expected = self.pictures(name)
        try:
            wait = "([name, count]) => asked.pictures(name).filter((picture) => picture.loaded).length >= count"
            self.lab.page.wait_for_function(wait, arg=[name, expected], timeout=LAG)
        except PlaywrightTimeout:
            pass  # it is told below
        with self.lab.unrolled(name):
            pictures = self.lab.ask("pictures", name)
            wrong = self.lab.ask("tooWide", name)
            self.lab.photograph(picture)
        if len(pictures) != expected:
            wrong.append(f"{len(pictures)} pictures, and {expected} in the file")
        for shown in pictures:
            if not (shown["loaded"] and shown["width"] > 0 and shown["shown"] > 0):
                wrong.append(f"cell {shown['cell']}: its picture is not shown: {shown}")
            if shown["alt"].strip() in ("", STAND_IN):
                wrong.append(f"cell {shown['cell']}: its picture has no alt text")
        return [f"{name}: {what} (see {picture}.png)" for what in wrong]

    def ran(self, name):
        """What went wrong in the cells of a notebook in which all cells were run."""
        self.lab.wait("allRan", name)
        wrong = []
        for cell in self.lab.ask("cells", name):
            expected = "raises-exception" in cell["tags"]
            if not cell["ran"]:
                wrong.append(f"{name}: cell {cell['id']} did not run")
            elif bool(cell["errors"]) != expected:
                source, printed = (textwrap.indent(cell[part], "    ") for part in ("source", "printed"))
                wrong.append(f"{name}: cell {cell['id']} failed\n  source:\n{source}\n  output:\n{printed}")
        return wrong

    def lead_on_and_back(self):
        """The links "Next" and "Previous" open the notebooks, from the first to the last."""
        wrong = []
        self.lab.show(self.names[0])
        for name, following in zip(self.names, self.names[1:]):
            for start, word, end in [(name, "Next", following), (following, "Previous", name)]:
                text, target = self.links(start).get(word, (None, None))
                if target != end:
                    wrong.append(f"{start}: \"{word}\" leads to {target}, not to {end}")
                    continue
                self.lab.show(start)
                self.lab.follow(start, text)
                self.lab.wait("inFront", end)
            self.lab.show(following)
        return wrong

    def keep_their_pictures_untrusted(self):
        """A notebook that somebody else ran is not trusted, and shows its pictures all the same."""
        wrong = []
        for name in self.names:
            self.lab.show(name)
            trusted = [cell["id"] for cell in self.lab.ask("cells", name) if cell["hasOutputs"] and cell["trusted"]]
            if trusted:
                wrong.append(f"{name} was to be untrusted, but these cells are trusted: {trusted}")
            wrong += self.look(name, f"untrusted-{name[:2]}")
        return wrong

    def run_side_by_side(self):
        """Two notebooks run at the same time, each on a kernel of its own, all cells without an error."""
        pictured = max(self.names[1:], key=self.pictures)
        both = [self.names[0], pictured]
        for name in reversed(both):  # the first notebook is the shorter one
            self.lab.show(name)
            self.lab.wait_for_kernel(name)
        for name in both:
            self.lab.run_all(name)
        busy = "names => names.every((name) => asked.kernel(name)?.status === 'busy')"
        self.lab.page.wait_for_function(busy, arg=both, polling=20)
        kernels = {self.lab.ask("kernel", name)["id"] for name in both}
        wrong = [] if len(kernels) == 2 else ["both notebooks run on the same kernel"]
        if self.pictures(pictured) == 0:
            wrong.append("no notebook has a picture")
        for name in both:
            wrong += self.ran(name)
        for name in both:
            wrong += self.look(name, f"light-{name[:2]}")
        return wrong

    def run_after_a_restart(self):
        """A restarted kernel runs all cells again."""
        name = self.names[0]
        self.lab.show(name)
        self.lab.wait_for_kernel(name)
        self.lab.menu("Edit", "Clear Outputs of All Cells")
        self.lab.restart("Restart Kernel and Run All Cells…")
        return self.ran(name) + self.look(name, f"restarted-{name[:2]}")

    def survive_a_mistake(self):
        """A mistake shows the compiler's message, and the next cell works."""
        name = self.names[0]
        self.lab.show(name)
        self.lab.wait_for_kernel(name)
        self.lab.panel(name).locator(".jp-Cell").last.click()
        self.lab.page.keyboard.press("Escape")
        self.lab.page.keyboard.press("b")  # a new cell below
        mistake, right = 'let number: u8 = "forty-two";', 'println!("{}", 6 * 7);'
        self.lab.run(mistake)
        self.lab.page.keyboard.press("Escape")
        self.lab.run(right)
        wait = "([name, source]) => asked.cells(name).some((cell) => cell.source === source && cell.ran && cell.hasOutputs)"
        for source in (mistake, right):
            self.lab.page.wait_for_function(wait, arg=[name, source])
        said = {cell["source"]: cell for cell in self.lab.ask("cells", name)}
        shown = self.lab.panel(name).locator(".jp-Cell", has_text="forty-two").last.inner_text()
        wrong = []
        if not (said[mistake]["failed"] and "mismatched types" in shown):
            wrong.append(f"{name}: the mistake `{mistake}` shows {shown}")
        if said[right]["printed"] != "42\n":
            wrong.append(f"{name}: the cell after the mistake printed {said[right]['printed']}")
        return wrong + self.look(name, f"mistake-{name[:2]}")

    def are_right_in_the_dark(self):
        """The dark theme: pictures and widths, in notebooks that ran here and in those that did not."""
        self.lab.menu("Settings", "Theme", "JupyterLab Dark")
        self.lab.page.wait_for_function("() => document.body.dataset.jpThemeLight === 'false'")
        return [line for name in self.names for line in self.look(name, f"dark-{name[:2]}")]


def pictures_in(data):
    html = "".join(data.get("text/html", ""))
    if html:
        return html.count("<img ") + html.count("<svg ")
    return int(any(kind.startswith("image/") for kind in data))
