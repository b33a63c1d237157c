// Writes src/api/schema.d.ts from ../api/openapi.json; with --check it only
// compares and ends with 1 when they differ.
import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString, COMMENT_HEADER } from "openapi-typescript";

const source = new URL("../../api/openapi.json", import.meta.url);
const target = new URL("../src/api/schema.d.ts", import.meta.url);

const document = JSON.parse(await readFile(source, "utf8"));
const text = COMMENT_HEADER + astToString(await openapiTS(document, { alphabetize: true }));

if (process.argv.includes("--check")) {
  const have = await readFile(target, "utf8").catch(() => "");
  if (have !== text) {
    console.error("gen: src/api/schema.d.ts differs from api/openapi.json: run npm run gen");
    process.exit(1);
  }
} else {
  await writeFile(target, text);
}
