import { useLayoutEffect, useRef, useState } from "react";

/** The width that an element was given, in whole pixels; plots are drawn to it, so that their text keeps its size. */
export function useWidth<T extends HTMLElement>(before: number) {
  const element = useRef<T>(null);
  const [width, setWidth] = useState(before);
  useLayoutEffect(() => {
    const node = element.current;
    if (node === null) return;
    const take = (px: number) => {
      if (px > 0) setWidth(Math.floor(px));
    };
    take(node.clientWidth);
    const observer = new ResizeObserver(([entry]) => take(entry?.contentRect.width ?? 0));
    observer.observe(node);
    return () => observer.disconnect();
  }, []);
  return [element, width] as const;
}
