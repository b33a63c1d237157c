// Delivers log records with OpenTelemetry's SDK and its exporter.
// usage: node otlp.js MARK COUNT http|proto; PEER_URL and PEER_TOKEN in the environment
import { SeverityNumber } from "@opentelemetry/api-logs";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";

const [mark, count, kind] = [process.argv[2], Number(process.argv[3]), process.argv[4]];
const { OTLPLogExporter } = await import(`@opentelemetry/exporter-logs-otlp-${kind}`);
const exporter = new OTLPLogExporter({
  url: process.env.PEER_URL + "/v1/logs",
  headers: { authorization: `Bearer ${process.env.PEER_TOKEN}` },
  compression: "gzip",
});

let failed = 0;
const counting = {
  export: (records, done) =>
    exporter.export(records, (result) => {
      if (result.code !== 0) {
        failed += records.length;
        console.error(result.error);
      }
      done(result);
    }),
  shutdown: () => exporter.shutdown(),
  forceFlush: () => exporter.forceFlush(),
};

const provider = new LoggerProvider({
  resource: resourceFromAttributes({ "service.name": "peers" }),
  processors: [new BatchLogRecordProcessor(counting, { maxQueueSize: 2 * count, maxExportBatchSize: 512, scheduledDelayMillis: 100 })],
});
const logger = provider.getLogger("peers", "1.0");
for (let i = 0; i < count; i++) {
  logger.emit({
    severityNumber: SeverityNumber.INFO,
    severityText: "INFO",
    body: `${mark} line ${String(i).padStart(5, "0")} 烽燧 "x" \\ end`,
    attributes: { n: i, "http.request.method": "GET" },
  });
}
await provider.forceFlush();
await provider.shutdown();
console.log(JSON.stringify({ count, failed }));
process.exit(failed === 0 ? 0 : 1);
