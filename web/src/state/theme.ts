/** Light or dark: the system's choice until the reader makes one. */

import { useSyncExternalStore } from "react";
import { storedValue } from "./stored";

export type Theme = "light" | "dark";

const stored = storedValue("local", "salus.theme");
const system = window.matchMedia("(prefers-color-scheme: dark)");

function subscribeToSystem(listener: () => void): () => void {
  system.addEventListener("change", listener);
  return () => system.removeEventListener("change", listener);
}

export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const systemDark = useSyncExternalStore(subscribeToSystem, () => system.matches);
  const chosen = stored.use();
  const theme: Theme = chosen === "light" || chosen === "dark" ? chosen : systemDark ? "dark" : "light";
  return [theme, choose];
}

function choose(theme: Theme): void {
  document.documentElement.dataset["theme"] = theme;
  stored.write(theme);
}
