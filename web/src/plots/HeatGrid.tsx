import { type CSSProperties, type FocusEvent, type KeyboardEvent, memo, type PointerEvent, useId, useRef, useState } from "react";

export interface HeatCell {
  /** −1 to 1 where colours diverge, 0 to 1 where they rise; null leaves the cell blank. */
  readonly share: number | null;
  /** All that the cell says. */
  readonly words: string;
  /** Drawn with a mark that does not need colour. */
  readonly marked?: boolean;
}

export interface HeatRow {
  readonly name: string;
  readonly title: string;
  readonly cells: readonly HeatCell[];
}

interface HeatGridProps {
  readonly caption: string;
  readonly corner: string;
  /** One label a column. */
  readonly columns: readonly string[];
  /** Of how many columns one has its label written; the others are only read aloud. */
  readonly labelEvery: number;
  readonly columnTitle: string;
  readonly rows: readonly HeatRow[];
  readonly hint: string;
}

/** A table whose cells are coloured: a picture to look at, a grid to move through, a table to be read aloud. */
export function HeatGrid(props: HeatGridProps) {
  const [words, setWords] = useState<string | null>(null);
  const hint = useId();
  const chosen = useRef<HTMLElement | null>(null);
  const tell = (target: EventTarget | null) => {
    const cell = target instanceof HTMLElement ? target.closest<HTMLElement>("td") : null;
    if (cell !== null) setWords(cell.getAttribute("aria-label"));
  };
  const focus = (event: FocusEvent) => {
    if (!(event.target instanceof HTMLElement) || event.target.tagName !== "TD") return;
    chosen.current?.setAttribute("tabindex", "-1");
    chosen.current = event.target;
    event.target.setAttribute("tabindex", "0");
    tell(event.target);
  };
  return (
    <div className="heat">
      <div
        className="scroll-x"
        onKeyDown={moveInGrid}
        onFocus={focus}
        onPointerOver={(event: PointerEvent) => tell(event.target)}
        onPointerLeave={() => setWords(null)}
      >
        <Grid {...props} hint={hint} />
      </div>
      <p className="reading" id={hint} aria-live="polite">
        {words ?? props.hint}
      </p>
    </div>
  );
}

/** Drawn once: what is read out changes without drawing thousands of cells again. */
const Grid = memo(function Grid(props: HeatGridProps & { readonly hint: string }) {
  const { caption, corner, columns, labelEvery, columnTitle, rows, hint } = props;
  return (
    <table
      className="heat-grid"
      role="grid"
      aria-label={caption}
      aria-describedby={hint}
      style={{ "--title": `${titleWidth([corner, ...rows.map((row) => row.title)])}em` } as CSSProperties}
    >
      <thead>
        <tr>
          <th scope="col">{corner}</th>
          {columns.map((column, index) => (
            <th scope="col" key={index}>
              <span className={index % labelEvery === 0 ? undefined : "visually-hidden"}>{column}</span>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, at) => (
          <tr key={row.name}>
            <th scope="row">{row.title}</th>
            {row.cells.map((cell, index) => (
              <td
                key={index}
                tabIndex={at === 0 && index === 0 ? 0 : -1}
                className={classOf(cell)}
                style={cell.share === null ? undefined : ({ "--share": `${Math.abs(cell.share) * 100}%` } as CSSProperties)}
                aria-label={cell.words}
              />
            ))}
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <td aria-hidden="true" />
          <td className="column-title" colSpan={columns.length}>
            {columnTitle}
          </td>
        </tr>
      </tfoot>
    </table>
  );
}, sameGrid);

/** Room for the longest title, in em: a Chinese character is about twice as wide as a Latin one. */
function titleWidth(titles: readonly string[]): number {
  const widths = titles.map((title) => [...title].reduce((sum, letter) => sum + (letter > "\u2e80" ? 1 : 0.55), 0));
  return Math.min(13, Math.max(...widths) + 1.2);
}

function sameGrid(before: HeatGridProps, after: HeatGridProps): boolean {
  return before.rows === after.rows && before.caption === after.caption && before.columns === after.columns;
}

function classOf({ share, marked }: HeatCell): string {
  const side = share === null ? "unseen" : share < 0 ? "cell away" : "cell towards";
  return marked ? `${side} marked` : side;
}

/** Arrow keys move by one, Home and End to the ends of a row, with Ctrl of the table (ARIA grid pattern). */
function moveInGrid(event: KeyboardEvent): void {
  const cell = event.target instanceof HTMLTableCellElement ? event.target : null;
  const row = cell?.parentElement;
  const body = row?.parentElement;
  if (!cell || !(row instanceof HTMLTableRowElement) || !(body instanceof HTMLTableSectionElement)) return;
  const at = row.sectionRowIndex;
  const last = row.cells.length - 1;
  const far = event.ctrlKey;
  const targets: Readonly<Record<string, readonly [number, number]>> = {
    ArrowLeft: [at, cell.cellIndex - 1],
    ArrowRight: [at, cell.cellIndex + 1],
    ArrowUp: [at - 1, cell.cellIndex],
    ArrowDown: [at + 1, cell.cellIndex],
    Home: [far ? 0 : at, 1],
    End: [far ? body.rows.length - 1 : at, last],
  };
  const target = targets[event.key];
  if (target === undefined) return;
  event.preventDefault();
  const next = body.rows[target[0]]?.cells[target[1]];
  if (next?.tagName === "TD") next.focus();
}
