"""JupyterLab as `picklebook lab` starts it, and what a reader does in it, in a browser."""

import contextlib
import json
import pathlib
import signal
import subprocess
import time

PAGE_SCRIPT = pathlib.Path(__file__).with_name("page.js")
WIDTH, HEIGHT = 900, 1000
# Generous: the machine may be slow and busy. Nothing waits that long unless something is wrong.
PATIENCE = 180_000  # milliseconds
# Started as root or without a graphics card too; it fetches nothing but what this machine serves.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]


@contextlib.contextmanager
def jupyterlab(command, copy, *options):
    """Starts JupyterLab in the copy, without waiting for it; ends it and its kernels, whatever happens."""
    settings = copy / ".venv/jupyter/config/jupyter_lab_config.json"
    settings.parent.mkdir(parents=True, exist_ok=True)
    # So that the checks can wait for a kernel's or a cell's state instead of for some time.
    settings.write_text(json.dumps({"LabApp": {"expose_app_in_browser": True}}))
    process = subprocess.Popen(
        [command, "lab", "--no-browser", *options],
        cwd=copy,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for this program, which ends JupyterLab
    )
    try:
        yield process
        process.send_signal(signal.SIGINT)
        if (code := process.wait(60)) != 0:
            raise RuntimeError(f"`picklebook lab` ended with {code} after Ctrl-C")
        if left := folders_left(copy / "target/kernel/clones"):
            raise RuntimeError(f"kernels left their folders behind: {left}")
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()


def folders_left(clones, seconds=30):
    """The kernels' folders that are there some time after JupyterLab ended: a spare kernel ends a moment later."""
    end = time.monotonic() + seconds
    while True:
        left = [entry.name for entry in clones.iterdir() if entry.is_dir()]
        if not left or time.monotonic() > end:
            return left
        time.sleep(0.2)


def address(process):
    """JupyterLab's address, as soon as it is printed."""
    start = "JupyterLab is at "
    for line in iter(process.stdout.readline, ""):
        if line.startswith(start):
            return line.removeprefix(start).strip()
    raise RuntimeError(f"`picklebook lab` ended with {process.wait()}: see above")


@contextlib.contextmanager
def browser(playwright, program, profile):
    """A new browser, which knows nothing and reaches this machine alone."""
    context = playwright.chromium.launch_persistent_context(
        profile,
        executable_path=program,
        args=ARGUMENTS,
        viewport={"width": WIDTH, "height": HEIGHT},
        timeout=PATIENCE,
    )
    try:
        context.set_default_timeout(PATIENCE)
        yield context
    finally:
        context.close()


class Lab:
    """JupyterLab's page. A notebook is named by its file's name."""

    def __init__(self, context, address, output):
        self.page = context.pages[0]
        self.page.add_init_script(path=str(PAGE_SCRIPT))
        self.output = output
        self.page.goto(address)
        self.page.wait_for_function("() => window.jupyterapp?.restored.then(() => true)")
        self.list_of_files = self.page.locator(".jp-SideBar [data-id=filebrowser]")
        self.list_of_files.click()  # closes it: the page is the notebook's

    def ask(self, what, *arguments):
        return self.page.evaluate("([what, given]) => asked[what](...given)", [what, arguments])

    def wait(self, what, *arguments, polling=50):
        question = "([what, given]) => asked[what](...given)"
        self.page.wait_for_function(question, arg=[what, arguments], polling=polling)

    def panel(self, name):
        return self.page.locator(f"#{self.page.evaluate('name => asked.panel(name).id', name)}")

    def show(self, name):
        """Opens a notebook from the list of files, or brings it to the front."""
        if not self.ask("inFront", name):
            self.list_of_files.click()
            self.page.locator(".jp-DirListing-item").filter(has_text=name).dblclick()
            self.wait("inFront", name)
            self.list_of_files.click()

    def wait_for_kernel(self, name):
        """Waits until the notebook's kernel is ready."""
        self.page.wait_for_function("name => asked.kernel(name)?.status === 'idle'", arg=name)

    def restart(self, choice):
        """Chooses a restart of the kernel from the menu, and confirms it."""
        self.menu("Kernel", choice)
        self.page.locator(".jp-Dialog").get_by_role("button", name="Confirm Kernel Restart").click()

    def menu(self, *labels):
        self.page.locator(".lm-MenuBar-item").get_by_text(labels[0], exact=True).click()
        for label in labels[1:]:
            self.page.locator(".lm-Menu-item:not(.lm-mod-disabled)").get_by_text(label, exact=True).click()

    def run_all(self, name):
        """Chooses "Run All Cells"; does not wait for their end."""
        self.show(name)
        self.wait_for_kernel(name)
        # What is counted and shown afterwards is this run's.
        self.menu("Edit", "Clear Outputs of All Cells")
        self.menu("Run", "Run All Cells")

    def follow(self, name, text):
        """Clicks on a link in the notebook's last cell."""
        self.ask("selectFirst", name)  # a selected cell's own buttons may lie over the link
        self.panel(name).locator(".jp-Cell").last.get_by_role("link", name=text, exact=True).click()

    def run(self, code):
        """Writes code into the selected cell and runs it, as a reader does: the next cell is selected then."""
        self.page.keyboard.press("Enter")
        self.page.keyboard.insert_text(code)
        self.page.keyboard.press("Shift+Enter")

    def close_dialogs(self):
        """Closes what JupyterLab asks or tells unasked. Returns what it said."""
        said = []
        dialogs = self.page.locator(".jp-Dialog")
        while dialogs.count() > 0:
            dialog = dialogs.last.element_handle()
            said.append(f"JupyterLab said: {dialog.inner_text()}")
            self.page.keyboard.press("Escape")
            dialog.wait_for_element_state("hidden")
        return said

    @contextlib.contextmanager
    def unrolled(self, name):
        """Makes the window as high as the notebook, so that all of it is drawn."""
        self.show(name)
        self.wait("allThere", name)
        for _ in range(5):  # what is drawn for the first time may turn out higher than was expected
            missing = self.ask("missingHeight", name)
            if missing == 0:
                break
            height = self.page.viewport_size["height"] + missing
            self.page.set_viewport_size({"width": WIDTH, "height": max(height, HEIGHT)})
            self.page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
        yield
        self.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})

    def photograph(self, name):
        self.page.screenshot(path=self.output / f"{name}.png")
