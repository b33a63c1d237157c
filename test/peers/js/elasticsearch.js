// Delivers documents with the bulk helper of Elasticsearch's own client.
// usage: node elasticsearch.js MARK COUNT; PEER_URL and PEER_TOKEN in the environment
import { Client } from "@elastic/elasticsearch";

const [mark, count] = [process.argv[2], Number(process.argv[3])];
const client = new Client({ node: process.env.PEER_URL, auth: { apiKey: process.env.PEER_TOKEN }, maxRetries: 10 });

async function* documents() {
  for (let i = 0; i < count; i++) {
    yield { "@timestamp": new Date().toISOString(), message: `${mark} line ${String(i).padStart(5, "0")} 烽燧 "x" \\ end` };
  }
}

const info = await client.info();
const dropped = [];
const stats = await client.helpers.bulk({
  datasource: documents(),
  onDocument: () => ({ create: { _index: "peers" } }),
  onDrop: (doc) => dropped.push(doc),
  flushBytes: 200_000,
  retries: 10,
});
console.log(JSON.stringify({ version: info.version.number, ...stats, dropped: dropped.length }));
process.exit(stats.successful === count && stats.failed === 0 ? 0 : 1);
