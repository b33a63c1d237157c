// Prints what a visitor downloads, compressed with gzip, and ends with 1 when a
// budget is passed. Pages are found through Vite's manifest: a page is the entry
// and all it imports, plus the page's chunk and all that imports, plus what the
// page always loads right after (named in `eager` below).
import { readFile, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const KiB = 1024;
const limits = { entry: 280 * KiB, page: 460 * KiB, chunk: 260 * KiB, all: 2048 * KiB };
const eager = { "src/features/logs/LogsPage.tsx": ["src/shared/QueryEditorView.tsx"] };

const dist = fileURLToPath(new URL("../dist", import.meta.url));
const manifest = JSON.parse(await readFile(join(dist, ".vite/manifest.json"), "utf8"));
const size = async (file) => (await stat(join(dist, `${file}.gz`)).catch(() => stat(join(dist, file)))).size;

function reach(key, seen = new Set()) {
  const node = manifest[key];
  if (!node) return seen;
  for (const file of [node.file, ...(node.css ?? [])]) seen.add(file);
  for (const next of node.imports ?? []) if (!seen.has(manifest[next]?.file)) reach(next, seen);
  return seen;
}
async function sum(files) {
  let total = 0;
  for (const file of files) total += await size(file);
  return total;
}

const failures = [];
function report(name, bytes, limit) {
  const line = `${name.padEnd(44)} ${(bytes / KiB).toFixed(1).padStart(8)} KiB of ${limit / KiB}`;
  console.log(line);
  if (bytes > limit) failures.push(line);
}

const first = reach("index.html");
report("first load", await sum(first), limits.entry);
for (const key of Object.keys(manifest).filter((k) => /^src\/features\/.*Page\.tsx$/.test(k)).sort()) {
  const files = new Set(first);
  for (const k of [key, ...(eager[key] ?? [])]) reach(k, files);
  report(key.replace("src/features/", "page "), await sum(files), limits.page);
}

let all = 0;
let largest = { file: "", bytes: 0 };
for (const entry of await readdir(join(dist, "assets"))) {
  if (entry.endsWith(".br")) continue;
  const bytes = (await stat(join(dist, "assets", entry))).size;
  all += bytes;
  if (entry.endsWith(".js.gz") && bytes > largest.bytes && !first.has(`assets/${entry.slice(0, -3)}`)) largest = { file: entry, bytes };
}
report(`largest lazy chunk (${largest.file.replace(/-[^-]+\.js\.gz$/, "")})`, largest.bytes, limits.chunk);
report("all assets", all, limits.all);

await rm(join(dist, ".vite"), { recursive: true });
if (failures.length > 0) {
  console.error(`budget: beyond the limit:\n${failures.join("\n")}`);
  process.exit(1);
}
