// Asks GitHub's own language service what it thinks of workflows and actions: see .ci/workflows.
//
//   node workflows.mjs FILE...

import { readFileSync } from "node:fs";
import { register } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const files = process.argv.slice(2);

// The package imports JSON in a way that not every Node understands.
const loader = `
import { readFileSync } from "node:fs";
export async function load(url, context, next) {
  if (!url.endsWith(".json")) return next(url, context);
  const source = "export default " + readFileSync(new URL(url), "utf8");
  return { format: "module", shortCircuit: true, source };
}`;
register(`data:text/javascript,${encodeURIComponent(loader)}`);

const { validate } = await import("@actions/languageservice");
const { TextDocument } = await import("vscode-languageserver-textdocument");

// It tells workflows from other YAML by their folder.
const place = (file) => (file.startsWith("examples/") ? file.replace(/^examples\/github/, ".github/workflows") : file);

let failed = false;
for (const file of files) {
  const text = readFileSync(file, "utf8");
  const document = TextDocument.create(pathToFileURL(resolve(place(file))).href, "yaml", 1, text);
  for (const { message, range } of await validate(document)) {
    failed = true;
    console.log(`${file}:${range.start.line + 1}:${range.start.character + 1}: ${message}`);
  }
}
console.log(`GitHub's language service has read ${files.length} files`);
process.exit(failed ? 1 : 0);
