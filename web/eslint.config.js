import js from "@eslint/js";
import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

// Every visible text has a key in every language; Han text in code would have one language only.
const han = "\\p{Script=Han}";
const noHan = [
  { selector: `Literal[value=/${han}/u]`, message: "Visible text belongs into locales/*.json." },
  { selector: `TemplateElement[value.raw=/${han}/u]`, message: "Visible text belongs into locales/*.json." },
  { selector: `JSXText[value=/${han}/u]`, message: "Visible text belongs into locales/*.json." },
];

export default tseslint.config(
  { ignores: ["dist", "public", "node_modules", "test-results", "shots", "src/api/schema.d.ts"] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  reactHooks.configs.flat.recommended,
  jsxA11y.flatConfigs.recommended,
  {
    files: ["**/*.mjs"],
    languageOptions: { globals: { process: "readonly", console: "readonly", Buffer: "readonly", URL: "readonly", setTimeout: "readonly", setInterval: "readonly", clearInterval: "readonly" } },
  },
  {
    files: ["src/**/*.{ts,tsx}"],
    rules: {
      "no-restricted-syntax": ["error", ...noHan],
      "no-restricted-globals": [
        "error",
        { name: "fetch", message: "Ask the server through api/client.ts." },
        { name: "EventSource", message: "Listen through api/stream.ts." },
      ],
      "react-hooks/incompatible-library": "off", // the virtualiser returns functions; the compiler is not used
      "jsx-a11y/no-autofocus": "off", // the first field of a form that was asked for takes focus
    },
  },
  { files: ["src/**/*.test.{ts,tsx}", "src/api/{client,stream}.ts"], rules: { "no-restricted-syntax": "off", "no-restricted-globals": "off" } },
  { files: ["e2e/**"], rules: { "react-hooks/rules-of-hooks": "off" } }, // Playwright's fixtures have a function called use
  {
    // A feature never imports its sibling: what two of them use lives in shared/.
    files: ["src/features/**/*.{ts,tsx}"],
    rules: { "no-restricted-imports": ["error", { patterns: [{ regex: "^@/features/|^\\.\\./\\.\\./", message: "Features do not import each other." }] }] },
  },
  {
    files: ["src/shared/**/*.{ts,tsx}", "src/api/**/*.ts"],
    rules: { "no-restricted-imports": ["error", { patterns: [{ regex: "^@/features/", message: "Shared parts know no feature." }] }] },
  },
);
