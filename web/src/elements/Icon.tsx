const PATHS = {
  sun: "M12 7.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 0 0 0-9M12 2v2M12 20v2M2 12h2M20 12h2M4.9 4.9l1.4 1.4M17.7 17.7l1.4 1.4M19.1 4.9l-1.4 1.4M6.3 17.7l-1.4 1.4",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z",
  key: "M8 11.5a4 4 0 1 0 0 8a4 4 0 0 0 0-8M10.9 12.7L20 3.5M15.5 8l3 3M18 5.5l2.5 2.5",
  cross: "M6 6l12 12M18 6L6 18",
} as const;

interface IconProps {
  readonly name: keyof typeof PATHS;
  readonly filled?: boolean;
}

/** A small sign beside a word; the word says everything. */
export function Icon({ name, filled = false }: IconProps) {
  return (
    <svg className={filled ? "icon filled" : "icon"} viewBox="0 0 24 24" width="18" height="18" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
