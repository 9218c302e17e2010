import type { ReactNode } from "react";

/** A short word about something. `attention` is for what must not be overlooked. */
export function Tag({ children, attention = false }: { readonly children: ReactNode; readonly attention?: boolean }) {
  return <span className={attention ? "tag attention" : "tag"}>{children}</span>;
}
