"""axe_in_browser.py CHROMIUM AXE.min.js PAGE.html…: what axe-core finds wrong with a page as a
browser lays it out, contrast included, on a wide and on a narrow screen; a line each. Exits 1 if
there is anything."""

import html
import json
import pathlib
import re
import subprocess
import sys
import tempfile

RUN = """<script>%s</script><script>
axe.run(document, {resultTypes: ["violations", "incomplete"]}).then((found) => {
    const text = document.createElement("pre");
    text.id = "axe-result";
    text.textContent = JSON.stringify({
        passes: found.passes.map((rule) => rule.id),
        violations: found.violations.map((rule) => ({id: rule.id, help: rule.help,
            nodes: rule.nodes.map((node) => [node.html, node.failureSummary])})),
        incomplete: found.incomplete.map((rule) => ({id: rule.id,
            nodes: rule.nodes.map((node) => node.html)}))});
    document.body.append(text);
});
</script></body>"""


def look(chromium, axe, page, width):
    text = pathlib.Path(page).read_text(encoding="utf-8")
    run = RUN % pathlib.Path(axe).read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / "page.html"
        copy.write_text(run.join(text.rsplit("</body>", 1)), encoding="utf-8")
        shown = subprocess.run(
            [chromium, "--headless", "--no-sandbox", "--disable-gpu", f"--window-size={width},900",
             f"--user-data-dir={folder}/profile", "--virtual-time-budget=60000", "--dump-dom",
             copy.as_uri()], capture_output=True, text=True, timeout=120, check=False)
    found = re.search(r'<pre id="axe-result">(.*?)</pre>', shown.stdout, re.DOTALL)
    if found is None:
        return None
    return json.loads(html.unescape(found.group(1)))


def faults(chromium, axe, page):
    for width in (1100, 400):
        where = f"{page} at {width} pixels"
        found = look(chromium, axe, page, width)
        if found is None:
            yield f"{where}: the browser gave no result"
            continue
        if "color-contrast" not in found["passes"]:
            yield f"{where}: contrast was not looked at"
        for rule in found["violations"]:
            for node, summary in rule["nodes"]:
                yield f"{where}: {rule['id']}: {rule['help']}: {node[:200]} ({summary})"


def main(chromium, axe, *pages):
    lines = [fault for page in pages for fault in faults(chromium, axe, page)]
    print("\n".join(lines), end="\n" if lines else "")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
