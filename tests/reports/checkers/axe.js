// axe.js AXE.min.js PAGE.html…: what axe-core finds wrong for people who cannot see a page, or use
// no mouse, a line each; exits 1 if there is anything. Without a layout (jsdom has none) contrast is
// left out: axe_in_browser.py and html_check_test.cpp look after that.
"use strict";

const fs = require("fs");
const { JSDOM } = require("jsdom");

const [axe, ...pages] = process.argv.slice(2);

async function faultsOf(page) {
    const dom = new JSDOM(fs.readFileSync(page, "utf8"), { runScripts: "outside-only" });
    dom.window.eval(fs.readFileSync(axe, "utf8"));
    const found = await dom.window.axe.run(dom.window.document, {
        resultTypes: ["violations"],
        rules: { "color-contrast": { enabled: false } },
    });
    if (found.passes.length < 15) return [`${page}: only ${found.passes.length} rules looked at it`];
    return found.violations.flatMap((rule) =>
        rule.nodes.map((node) => `${page}: ${rule.id}: ${rule.help}: ${node.html.slice(0, 200)}`));
}

(async () => {
    let count = 0;
    for (const page of pages) {
        for (const fault of await faultsOf(page)) {
            console.log(fault);
            ++count;
        }
    }
    process.exitCode = count > 0 ? 1 : 0;
})();
