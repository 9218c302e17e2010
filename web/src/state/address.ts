/** State that can be shared by copying the address: which service, view and job, which language. */

import { useSyncExternalStore } from "react";

export type View = "try" | "card" | "call";
export type Language = "en" | "zh";

export interface Address {
  readonly service: string | null;
  readonly view: View;
  readonly job: string | null;
  readonly language: Language | null;
}

const listeners = new Set<() => void>();

function tell(): void {
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("popstate", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("popstate", listener);
  };
}

export function readAddress(search: string): Address {
  const query = new URLSearchParams(search);
  const view = query.get("view");
  const language = query.get("lang");
  return {
    service: query.get("service"),
    view: view === "card" || view === "call" ? view : "try",
    job: query.get("job"),
    language: language === "zh" || language === "en" ? language : null,
  };
}

export function writeAddress(address: Address): string {
  const query = new URLSearchParams();
  if (address.service !== null) query.set("service", address.service);
  if (address.service !== null && address.view !== "try") query.set("view", address.view);
  if (address.service !== null && address.job !== null) query.set("job", address.job);
  if (address.language !== null) query.set("lang", address.language);
  const written = query.toString();
  return written === "" ? "/" : `/?${written}`;
}

/** The address that `change` would lead to; for links. */
export function addressWith(change: Partial<Address>): string {
  return writeAddress({ ...readAddress(window.location.search), ...change });
}

export function goTo(change: Partial<Address>, how: "push" | "replace" = "push"): void {
  const target = addressWith(change);
  if (how === "push") window.history.pushState(null, "", target);
  else window.history.replaceState(null, "", target);
  tell();
}

export function useAddress(): Address {
  return readAddress(useSyncExternalStore(subscribe, () => window.location.search));
}
