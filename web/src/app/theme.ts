import type { ThemeConfig } from "antd";
import { theme as kit } from "antd";
import type { Theme } from "./preferences";

// The kit computes hover and active shades from these, so it needs values, not
// CSS variables. tokens.css has the same ones; theme.test.ts holds them equal.
export const colours = {
  light: {
    page: "#f4f6f9",
    surface: "#ffffff",
    raised: "#f8fafc",
    hover: "#eef3f9",
    selected: "#e3edf9",
    text: "#1b2530",
    second: "#55606e",
    placeholder: "#68737f",
    line: "#dde3ea",
    border: "#8a96a3",
    primary: "#1f5fae",
    "on-primary": "#ffffff",
    ok: "#1a7f4b",
    "red-text": "#a61b22",
    "orange-text": "#a34a00",
  },
  dark: {
    page: "#10151c",
    surface: "#171e27",
    raised: "#1c242f",
    hover: "#202a37",
    selected: "#22344b",
    text: "#e4e9ef",
    second: "#9aa7b5",
    placeholder: "#8593a3",
    line: "#2c3643",
    border: "#6b7a8b",
    primary: "#6aa5f0",
    "on-primary": "#0b1522",
    ok: "#5fd39a",
    "red-text": "#ff8f8a",
    "orange-text": "#f7b05c",
  },
} as const satisfies Record<Theme, Record<string, string>>;

/** The kit's settings for one theme. */
export function kitTheme(name: Theme): ThemeConfig {
  const c = colours[name];
  return {
    algorithm: name === "dark" ? kit.darkAlgorithm : kit.defaultAlgorithm,
    cssVar: { key: `fs-${name}` },
    token: {
      fontFamily: "var(--fs-font)",
      fontFamilyCode: "var(--fs-mono)",
      fontSize: 14,
      lineHeight: 22 / 14,
      fontWeightStrong: 600,
      borderRadius: 6,
      borderRadiusSM: 4,
      controlHeight: 30,
      controlHeightSM: 24,
      motionDurationFast: "0.12s",
      motionDurationMid: "0.12s",
      motionDurationSlow: "0.12s",
      colorPrimary: c.primary,
      colorLink: c.primary,
      colorInfo: c.primary,
      colorSuccess: c.ok,
      colorWarning: c["orange-text"],
      colorError: c["red-text"],
      colorBgLayout: c.page,
      colorBgContainer: c.surface,
      colorBgElevated: name === "dark" ? c.raised : c.surface,
      colorText: c.text,
      colorTextSecondary: c.second,
      colorTextDescription: c.second,
      colorTextPlaceholder: c.placeholder,
      colorTextDisabled: c.placeholder,
      colorBorder: c.border,
      colorBorderSecondary: c.line,
      colorSplit: c.line,
    },
    components: {
      Button: { primaryColor: c["on-primary"], defaultShadow: "none", primaryShadow: "none", dangerShadow: "none" },
      Table: { cellPaddingBlockSM: 6, cellPaddingInlineSM: 8, headerBg: c.raised, headerColor: c.second, rowHoverBg: c.hover },
      Form: { itemMarginBottom: 16, verticalLabelPadding: "0 0 4px" },
    },
  };
}
