"""A copy of the project for tests that change files, with what set-up made: nothing is downloaded for it, and of the
crates only the project's own is compiled anew."""

import os
import shutil


def make_copy(project, copy, notebooks):
    """Copies the project with these of its notebooks, and none that a reader keeps beside them."""
    for folder in ("src", "data"):
        shutil.copytree(project / folder, copy / folder)
    (copy / "notebooks/solutions").mkdir(parents=True)
    for notebook in notebooks:
        shutil.copy2(notebook, copy / notebook.relative_to(project))
    for file in ("Cargo.toml", "Cargo.lock", "README.md", "rust-toolchain.toml", "notebooks/README.md"):
        if (project / file).exists():
            shutil.copy2(project / file, copy / file)
    # Jupyter's own settings and state are written in place, and no notebook may be trusted yet.
    fresh = ignore_in(project / ".venv", "jupyter")
    shutil.copytree(project / ".venv", copy / ".venv", symlinks=True, copy_function=link, ignore=fresh)
    ignored = shutil.ignore_patterns("clones", "*.lock.*")
    shutil.copytree(project / "target/kernel", copy / "target/kernel", ignore=ignored)
    registration = copy / ".venv/share/jupyter/kernels/rust/kernel.json"
    text = registration.read_text().replace(str(project), str(copy))
    registration.unlink()  # it is the same file as the project's own
    registration.write_text(text)


def ignore_in(parent, name):
    return lambda folder, names: [name] if os.fspath(folder) == os.fspath(parent) and name in names else []


def link(source, target, follow_symlinks=True):
    if os.path.islink(source):
        os.symlink(os.readlink(source), target)
    else:
        os.link(source, target)
