import "./app/nonce";
import "./app/tokens.css";
import "./app/base.css";
import { createRoot } from "react-dom/client";
import { startI18n } from "./app/i18n";
import { applyTheme } from "./app/preferences";
import { Providers } from "./app/Providers";

applyTheme();

// A chunk that is gone means that the station was upgraded under an open tab:
// load the new console once; the mark stops a loop and lets the shell say so.
const reloaded = "fengsui.reloaded";
window.addEventListener("vite:preloadError", (event) => {
  if (sessionStorage.getItem(reloaded)) return;
  event.preventDefault();
  sessionStorage.setItem(reloaded, "1");
  location.reload();
});

void startI18n().then(() => {
  const place = document.getElementById("root");
  if (!place) throw new Error("index.html has no root");
  createRoot(place).render(<Providers />);
});
