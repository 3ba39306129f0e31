// What the checks ask of JupyterLab's page; injected into it before its own scripts.
"use strict";

window.asked = {
    panel(path) {
        const panels = Array.from(window.jupyterapp.shell.widgets("main"));
        return panels.find((panel) => panel.context?.path === path);
    },

    /** Whether the notebook is in front, with all its cells. */
    inFront(path) {
        const panel = this.panel(path);
        return Boolean(panel?.context.isReady && panel.isVisible && panel.content.widgets.length > 0);
    },

    kernel(path) {
        const kernel = this.panel(path)?.sessionContext.session?.kernel;
        return kernel ? { id: kernel.id, status: kernel.status } : null;
    },

    /** The code cells that are not empty: what they printed, and how they ended. */
    cells(path) {
        const widgets = Array.from(this.panel(path).content.widgets);
        const code = widgets.filter((cell) => cell.model.type === "code");
        return code.filter((cell) => cell.model.sharedModel.getSource().trim()).map((cell) => {
            const outputs = cell.model.outputs.toJSON();
            const text = (output) => [output.text ?? output.data?.["text/plain"] ?? output.traceback ?? ""].flat().join("");
            const errors = outputs.filter((output) => output.output_type === "error" || output.name === "stderr");
            return {
                id: cell.model.id,
                source: cell.model.sharedModel.getSource(),
                ran: cell.model.executionCount !== null && cell.model.executionState === "idle",
                tags: cell.model.getMetadata("tags") ?? [],
                trusted: cell.model.trusted,
                hasOutputs: outputs.length > 0,
                errors: errors.map(text).concat(outputs.map(text).filter((said) => said.includes("panicked at"))),
                failed: outputs.some((output) => output.output_type === "error"),
                printed: outputs.map(text).join("\n"),
            };
        });
    },

    /** Whether "run all" has come to its end: JupyterLab stops at the first cell that fails. */
    allRan(path) {
        const cells = this.cells(path);
        const stopped = cells.some((cell) => cell.ran && cell.failed && !cell.tags.includes("raises-exception"));
        return this.kernel(path)?.status === "idle" && (stopped || cells.every((cell) => cell.ran));
    },

    pictures(path) {
        const pictures = this.panel(path).node.querySelectorAll(".jp-OutputArea-output img");
        return Array.from(pictures, (picture) => ({
            cell: this.cellOf(path, picture),
            loaded: picture.complete,
            width: picture.naturalWidth,
            shown: picture.getBoundingClientRect().width,
            alt: picture.alt,
        }));
    },

    /** What is wider than the place it has, so that it is cut off or scrolls sideways. */
    tooWide(path) {
        const found = [];
        const panel = this.panel(path).node;
        if (document.documentElement.scrollWidth > window.innerWidth) {
            found.push(`the page: ${document.documentElement.scrollWidth} px`);
        }
        for (const area of panel.querySelectorAll(".jp-OutputArea-output, .jp-MarkdownOutput")) {
            const start = `cell ${this.cellOf(path, area)}, "${area.textContent.trim().slice(0, 60)}"`;
            if (area.scrollWidth > area.clientWidth + 1) {
                found.push(`${start}: ${area.scrollWidth} px in ${area.clientWidth} px`);
            }
            const edge = area.getBoundingClientRect().right;
            for (const part of area.querySelectorAll("img, table, pre, figure, mjx-container")) {
                const beyond = part.getBoundingClientRect().right - edge;
                if (beyond > 1) {
                    found.push(`${start}: ${part.localName} ends ${Math.round(beyond)} px too far right`);
                }
            }
        }
        return found;
    },

    cellOf(path, node) {
        const cell = this.panel(path).content.widgets.find((cell) => cell.node.contains(node));
        return cell?.model.id;
    },

    /** Whether the notebook is in front and all its cells are in the page: JupyterLab adds them one after the other. */
    allThere(path) {
        return this.inFront(path) && this.panel(path).content.widgets.every((cell) => cell.node.isConnected);
    },

    /** Scrolls to the top. Returns how many pixels the window lacks (or has too many) to show the notebook whole. */
    missingHeight(path) {
        const notebook = this.panel(path).content;
        const outer = notebook.node.querySelector(".jp-WindowedPanel-outer");
        outer.scrollTop = 0;
        const last = notebook.widgets.at(-1).node.getBoundingClientRect();
        return Math.ceil(last.bottom - outer.getBoundingClientRect().bottom) + 20;
    },

    /** Whether the last cell has run and shows this result. */
    lastResult(path, result) {
        const cell = this.panel(path)?.content.widgets.at(-1);
        const shown = cell?.node.querySelector(".jp-OutputArea-executeResult")?.innerText ?? "";
        return shown.trim().endsWith(result) && cell.model.executionCount !== null;
    },

    /** Ends a notebook's kernel and closes it, without saving. */
    async shutDown(path) {
        const panel = this.panel(path);
        await panel.sessionContext.shutdown();
        panel.dispose();
    },

    selectFirst(path) {
        this.panel(path).content.activeCellIndex = 0;
    },
};
