// Imported first by main.tsx. The content security policy lets a <style> element
// in only with the page's nonce. The kit's scroll lock and scrollbar probe do not
// ask for it, so every <style> made here gets it at birth.

const meta = document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]");

/** The nonce of this page load; empty under the development server. The attribute reads empty, the property does not. */
export const nonce = meta?.nonce ?? "";

if (nonce !== "") {
  const create = document.createElement.bind(document);
  document.createElement = ((name: string, options?: ElementCreationOptions) => {
    const element = create(name, options);
    if (name.toLowerCase() === "style") element.setAttribute("nonce", nonce);
    return element;
  }) as typeof document.createElement;
}
