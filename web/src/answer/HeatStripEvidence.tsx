import { useId, useMemo, useState } from "react";
import type { HeatStrip, SampleExplanation } from "../api/answers";
import type { LocalizedText } from "../api/types";
import { capitalised } from "../ask/grouping";
import { HeatGrid } from "../plots/HeatGrid";
import { useSpeech } from "../state/language";

const SHOWN = 14;
const MOST_LABELS = 12;

interface HeatStripEvidenceProps {
  readonly strip: HeatStrip;
  readonly target: LocalizedText;
  readonly explanation: SampleExplanation;
  /** Whether a class is weighed, and not a number raised or lowered. */
  readonly judged: boolean;
}

/** Which variable moved the estimate, and when: variables down, time across, colours for both directions. */
export function HeatStripEvidence({ strip, target, explanation, judged }: HeatStripEvidenceProps) {
  const { texts, formats, say } = useSpeech();
  const words = texts.strip;
  const heading = useId();
  const [all, setAll] = useState(false);
  const rows = all || strip.rows.length <= SHOWN + 2 ? strip.rows : strip.rows.slice(0, SHOWN);
  const drawn = useMemo(() => {
    const time = (edge: number | undefined) => formats.brief(edge ?? 0, strip.unit);
    const largest = Math.max(1e-9, ...strip.rows.flatMap((row) => row.amounts.map((amount) => Math.abs(amount ?? 0))));
    return rows.map((row) => {
      const title = capitalised(say(row.title));
      const cells = row.amounts.map((amount, index) => ({
        share: amount === null ? null : amount / largest,
        words: words.cell(
          title,
          time(strip.edges[index]),
          time(strip.edges[index + 1]),
          amount === null ? words.unobserved : formats.signed(amount),
        ),
      }));
      return { name: row.variable, title, cells };
    });
  }, [strip, rows, formats, say, words]);
  const columns = useMemo(
    () => strip.edges.slice(0, -1).map((edge) => formats.brief(edge, null)),
    [strip, formats],
  );
  return (
    <section className="strip" aria-labelledby={heading}>
      <h3 id={heading}>{words.title(say(target))}</h3>
      <p className="diverging-scale">
        <span>{judged ? words.away : texts.contributions.lowers}</span>
        <span className="diverging-bar" aria-hidden="true" />
        <span>{judged ? words.towards(say(target)) : texts.contributions.raises}</span>
        {explanation.quantity && <span className="aside">{words.quantity(say(explanation.quantity))}</span>}
      </p>
      <HeatGrid
        caption={words.caption}
        corner={texts.events.variable}
        columns={columns}
        labelEvery={Math.ceil(columns.length / MOST_LABELS)}
        columnTitle={texts.plot.axisTime(formats.unit(strip.unit))}
        rows={drawn}
        hint={words.hint}
      />
      {strip.rows.length > SHOWN + 2 && (
        <button type="button" className="quiet" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? texts.contributions.showFewer : words.showAll(strip.rows.length)}
        </button>
      )}
    </section>
  );
}
