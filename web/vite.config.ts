import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The station the development server talks to.
const station = process.env.FENGSUI_URL ?? "http://127.0.0.1:8643";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  html: { cspNonce: "__CSP_NONCE__" },
  build: {
    manifest: true, // read and removed by scripts/budget.mjs
    target: ["chrome100", "edge100", "firefox102", "safari15.4"],
    assetsInlineLimit: 0, // data: URLs are not allowed by the content security policy for scripts and styles
    chunkSizeWarningLimit: 1200, // scripts/budget.mjs holds the real limits, on compressed sizes
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "editor", test: /node_modules[\\/](@codemirror|@lezer|style-mod|w3c-keyname|crelt)/ },
            { name: "react", test: /node_modules[\\/](react|react-dom|scheduler)[\\/]/ },
          ],
        },
      },
    },
  },
  server: { proxy: { "/api": { target: station, changeOrigin: false } } },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["./scripts/test-setup.ts"],
    testTimeout: 15_000,
    reporters: ["default", "./scripts/reporter-vitest.ts"],
  },
});
