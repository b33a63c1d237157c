import i18next, { type BackendModule } from "i18next";
import { initReactI18next } from "react-i18next";
import { preferences, type Language } from "./preferences";

// One file per feature and language, loaded when the feature is.
const files = import.meta.glob<Record<string, unknown>>(["./locales/*.json", "../shared/locales/*.json", "../features/*/locales/*.json"], {
  import: "default",
});

function path(namespace: string, language: string): string {
  if (namespace === "app") return `./locales/${language}.json`;
  if (namespace === "shared") return `../shared/locales/${language}.json`;
  return `../features/${namespace}/locales/${language}.json`;
}

const backend: BackendModule = {
  type: "backend",
  init: () => {},
  read: (language, namespace, done) => {
    const load = files[path(namespace, language)];
    if (!load) {
      done(new Error(`no texts for ${namespace} in ${language}`), null);
      return;
    }
    load().then(
      (texts) => done(null, texts),
      (error: unknown) => done(error as Error, null),
    );
  },
};

/** Loads the texts of shell and shared parts in the chosen language. */
export async function startI18n(): Promise<void> {
  await i18next
    .use(backend)
    .use(initReactI18next)
    .init({
      lng: preferences().language,
      fallbackLng: false, // a missing key shows itself; the tests hold the key sets equal
      supportedLngs: ["zh-CN", "en"] satisfies Language[],
      load: "currentOnly",
      ns: ["app", "shared"],
      defaultNS: "app",
      interpolation: { escapeValue: false }, // React escapes
      returnNull: false,
    });
  markLanguage(i18next.language);
  i18next.on("languageChanged", markLanguage);
}

// Han glyphs come out in another region's shape without it.
function markLanguage(language: string): void {
  document.documentElement.lang = language;
}
