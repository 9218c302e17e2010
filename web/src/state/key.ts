/** The caller's key. It is kept for this tab alone and never stays in the address. */

import { storedValue } from "./stored";

const stored = storedValue("session", "salus.key");

export const readKey = stored.read;
export const writeKey = stored.write;
export const useKey = stored.use;

/** Takes `#key=…` out of the address, once, before anything is drawn. */
export function takeKeyFromAddress(): void {
  const key = new URLSearchParams(window.location.hash.slice(1)).get("key");
  if (key === null) return;
  if (key.trim() !== "") writeKey(key.trim());
  window.history.replaceState(null, "", window.location.pathname + window.location.search);
}
