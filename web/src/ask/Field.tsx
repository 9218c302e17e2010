import { type KeyboardEvent, useId } from "react";
import type { TensorSpec } from "../api/types";
import { useSpeech } from "../state/language";
import { isChoice, stepEntry } from "./fields";

interface FieldProps {
  readonly spec: TensorSpec;
  readonly label: string;
  readonly entry: string;
  readonly fault: string | null;
  readonly describedBy?: string;
  readonly onEntry: (entry: string) => void;
  readonly onLeave: () => void;
}

/** One number. Arrow keys step it; a fault is said in words below it. */
export function Field({ spec, label, entry, fault, describedBy, onEntry, onLeave }: FieldProps) {
  const { texts, say } = useSpeech();
  const faultId = useId();
  const described = [describedBy, fault === null ? null : faultId].filter(Boolean).join(" ");
  const step = (event: KeyboardEvent) => {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    onEntry(stepEntry(spec, entry, event.key === "ArrowUp" ? 1 : -1));
  };
  const shared = {
    name: spec.name,
    "aria-label": label,
    "aria-describedby": described === "" ? undefined : described,
    "aria-invalid": fault !== null,
    "aria-required": spec.missing === "reject",
    onBlur: onLeave,
  };
  const choices = spec.content === "category" ? spec.categories.map(say) : [texts.ask.no, texts.ask.yes];
  return (
    <span className="field">
      {isChoice(spec) ? (
        <select {...shared} value={entry} onChange={(event) => onEntry(event.target.value)}>
          <option value="">{spec.missing === "reject" ? texts.ask.chooseOne : texts.ask.notMeasured}</option>
          {choices.map((choice, index) => (
            <option key={choice} value={String(index)}>
              {choice}
            </option>
          ))}
        </select>
      ) : (
        <input
          {...shared}
          type="text"
          inputMode="decimal"
          autoComplete="off"
          value={entry}
          onKeyDown={step}
          onChange={(event) => onEntry(event.target.value)}
        />
      )}
      {fault !== null && (
        <span className="fault" id={faultId}>
          {fault}
        </span>
      )}
    </span>
  );
}
