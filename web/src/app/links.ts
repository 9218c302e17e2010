import type { MouseEvent } from "react";

/** A real link that the page follows itself; a new tab or window stays the browser's business. */
export function followLink(go: () => void): (event: MouseEvent) => void {
  return (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go();
  };
}
