// Writes .br and .gz beside every text asset of dist and removes the plain file:
// the station serves the compressed forms, and unpacks for a client that reads
// neither. index.html stays plain, because each answer carries its own nonce.
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = fileURLToPath(new URL("../dist", import.meta.url));
const text = /\.(js|css|svg|json|txt|webmanifest)$/;

for (const entry of await readdir(dist, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !text.test(entry.name) || entry.parentPath.endsWith(".vite")) continue; // the manifest is budget.mjs's
  const path = join(entry.parentPath, entry.name);
  const plain = await readFile(path);
  await writeFile(`${path}.gz`, gzipSync(plain, { level: 9 }));
  await writeFile(
    `${path}.br`,
    brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } }),
  );
  await rm(path);
}
await writeFile(join(dist, ".keep"), ""); // go:embed needs one file in a fresh clone
