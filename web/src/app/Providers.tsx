import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { App, ConfigProvider } from "antd";
import type { Locale } from "antd/es/locale";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { asProblem } from "@/api/problem";
import { Shortcuts } from "@/shared/Shortcuts";
import { nonce } from "./nonce";
import { usePreferences } from "./preferences";
import { router } from "./router";
import { kitTheme } from "./theme";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      refetchOnWindowFocus: false,
      // A refusal will not change by itself; an unreachable or overloaded server may.
      retry: (count, error) => {
        const { status } = asProblem(error);
        return count < 2 && (status === 0 || status === 429 || status >= 502);
      },
    },
  },
});

const locales: Record<string, () => Promise<{ default: Locale }>> = {
  "zh-CN": () => import("antd/es/locale/zh_CN"),
  en: () => import("antd/es/locale/en_US"),
};

/** Everything a page may ask for, around the router. */
export function Providers() {
  const { theme } = usePreferences();
  const { i18n } = useTranslation();
  const [locale, setLocale] = useState<Locale>();
  useEffect(() => {
    let current = true;
    void locales[i18n.language]?.().then((found) => current && setLocale(found.default));
    return () => {
      current = false;
    };
  }, [i18n.language]);
  const config = useMemo(() => kitTheme(theme), [theme]);
  return (
    <ConfigProvider theme={config} locale={locale} csp={{ nonce }} button={{ autoInsertSpace: false }} wave={{ disabled: true }}>
      <App component={false}>
        <QueryClientProvider client={queryClient}>
          <Shortcuts>
            <RouterProvider router={router} />
          </Shortcuts>
        </QueryClientProvider>
      </App>
    </ConfigProvider>
  );
}
