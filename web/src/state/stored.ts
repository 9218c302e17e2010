/** A value that outlives the page where the browser allows it, and lasts as long as the page where it does not. */

import { useSyncExternalStore } from "react";

export interface Stored {
  readonly read: () => string | null;
  readonly write: (value: string | null) => void;
  readonly use: () => string | null;
}

function storageOf(kind: "local" | "session"): Storage | null {
  try {
    return kind === "local" ? window.localStorage : window.sessionStorage;
  } catch {
    return null; // The reader's browser forbids storage.
  }
}

export function storedValue(kind: "local" | "session", name: string): Stored {
  const storage = storageOf(kind);
  const listeners = new Set<() => void>();
  let value = storage?.getItem(name) ?? null;
  const read = () => value;
  const subscribe = (listener: () => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  return {
    read,
    write: (next) => {
      value = next;
      if (next === null) storage?.removeItem(name);
      else storage?.setItem(name, next);
      for (const listener of listeners) listener();
    },
    use: () => useSyncExternalStore(subscribe, read),
  };
}
