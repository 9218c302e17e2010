/** Numbers as a person reads them. Nothing is rounded to certainty: 0.9996 is written "> 99.9 %". */

import type { Interval } from "../api/types";
import type { Language } from "../state/address";

export interface Formats {
  /** A share that was counted: all of them is 100 %. */
  readonly percent: (share: number) => string;
  readonly percentRange: (low: number, high: number) => string;
  /** A probability: never certain. */
  readonly probability: (share: number) => string;
  readonly probabilityRange: (low: number, high: number) => string;
  readonly unit: (unit: string | null) => string;
  readonly measure: (value: number) => string;
  readonly interval: (interval: Interval) => string;
  readonly signed: (amount: number) => string;
  /** A quantity with its sign. */
  readonly change: (amount: number, unit: string | null) => string;
  /** A quantity that was estimated: to three figures. */
  readonly brief: (value: number, unit: string | null) => string;
  /** Two ends in one unit. */
  readonly between: (low: number, high: number, unit: string | null) => string;
  /** Seconds as a person says them: 42 s, 3 min 20 s. */
  readonly duration: (seconds: number) => string;
  readonly quantity: (value: number, unit: string | null) => string;
  readonly count: (value: number) => string;
  readonly bytes: (size: number) => string;
  readonly instant: (iso: string) => string;
  /** Items of one rank side by side. */
  readonly list: (items: readonly string[]) => string;
  /** A heading and what belongs under it, in one line. */
  readonly labelled: (label: string, text: string) => string;
  /** Said beside something, in brackets. */
  readonly aside: (text: string) => string;
  /** Sentences one after the other. */
  readonly sentences: (sentences: readonly string[]) => string;
}

const MINUS = "\u2212";
const THIN = "\u202f";

const UNITS: Readonly<Record<string, readonly [en: string, zh: string]>> = {
  "{pixel}": ["px", "像素"],
  "[hnsf'U]": ["HU", "HU"],
  "mm[Hg]": ["mmHg", "mmHg"],
  Cel: ["°C", "°C"],
  a: ["years", "年"],
  mo: ["months", "个月"],
  d: ["days", "天"],
  h: ["h", "小时"],
  min: ["min", "分钟"],
  s: ["s", "秒"],
  wk: ["weeks", "周"],
  "mg/wk": ["mg/week", "mg/周"],
  "{score}": ["points", "分"],
  "[pH]": ["", ""],
};
const POWERS: Readonly<Record<string, string>> = { "2": "²", "3": "³", "6": "⁶", "9": "⁹" };

/** UCUM's notation, in print: `{pixel}2` is px², `umol/L` is µmol/L, `1` is a bare number. */
export function readableUnit(unit: string | null, language: Language): string {
  if (unit === null || unit === "1") return "";
  const match = /^(.*?)([23])?$/.exec(unit);
  const root = match?.[1] ?? unit;
  const known = UNITS[root]?.[language === "zh" ? 1 : 0];
  const word = known ?? root.replace(/[{}[\]]/g, "").replace(/^10\*(\d)/, (_, power: string) => `10${POWERS[power] ?? `^${power}`}`).replace(/\bu(?=(mol|g|m|L)\b)/g, "µ");
  return word + (match?.[2] === undefined ? "" : (POWERS[match[2]] ?? ""));
}

export function formatsFor(language: Language): Formats {
  const locale = language === "zh" ? "zh-CN" : "en";
  const space = language === "zh" ? "" : THIN;
  const fixed = (digits: number) =>
    new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const whole = fixed(0);
  const tenth = fixed(1);
  const hundredth = fixed(2);
  const thousandth = fixed(3);
  const significant = new Intl.NumberFormat(locale, { maximumSignificantDigits: 4 });
  const brief = new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 });
  const moment = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "long" });
  const minus = (text: string) => text.replace("-", MINUS);

  const bare = (share: number) => {
    if (share <= 0 || share >= 1) return whole.format(share * 100);
    if (share < 0.001) return `<${THIN}${tenth.format(0.1)}`;
    if (share > 0.999) return `>${THIN}${tenth.format(99.9)}`;
    return tenth.format(share * 100);
  };
  const round = (share: number) => (Math.abs(share * 100 - Math.round(share * 100)) < 1e-6 ? whole : tenth);
  const single = (share: number) => (share >= 0.1 && share <= 0.9 ? round(share).format(share * 100) : bare(share));
  const open = (share: number) => Math.min(0.9999, Math.max(0.0001, share));
  const range = (low: number, high: number) => {
    const [from, to] = [bare(low), bare(high)];
    if (from === to) return `${from}${space}%`;
    const between = /[<>]/.test(from + to) ? (language === "zh" ? " 至 " : " to ") : "–";
    return `${from}${between}${to}${space}%`;
  };
  const digits = (value: number) => {
    const large = Math.abs(value);
    if (large >= 1_000) return whole;
    return large >= 100 ? tenth : large >= 10 ? hundredth : thousandth;
  };
  const measure = (value: number) => minus(digits(value).format(value));
  const to = language === "zh" ? " 至 " : " to ";
  const join = (low: string, high: string) => low + (low.startsWith(MINUS) || high.startsWith(MINUS) ? to : "–") + high;
  /** What is written as zero has no sign. */
  const signOf = (amount: number, smallest: number) => (Math.abs(amount) < smallest ? "" : amount < 0 ? MINUS : "+");
  const withUnit = (text: string, unit: string | null) => {
    const word = readableUnit(unit, language);
    return word === "" ? text : `${text} ${word}`;
  };
  const size = (bytes: number) =>
    bytes < 1_000_000 ? `${tenth.format(bytes / 1_000)} kB` : `${tenth.format(bytes / 1_000_000)} MB`;

  return {
    percent: (share) => `${single(share)}${space}%`,
    percentRange: range,
    probability: (share) => `${bare(open(share))}${space}%`,
    probabilityRange: (low, high) => range(open(low), open(high)),
    unit: (unit) => readableUnit(unit, language),
    measure,
    interval: ({ low, high }) => join(measure(low), measure(high)),
    signed: (amount) => signOf(amount, 0.005) + hundredth.format(Math.abs(amount)),
    change: (amount, unit) => withUnit(signOf(amount, Number.MIN_VALUE) + brief.format(Math.abs(amount)), unit),
    brief: (value, unit) => withUnit(minus(brief.format(value)), unit),
    between: (low, high, unit) => withUnit(join(minus(brief.format(low)), minus(brief.format(high))), unit),
    duration: (seconds) => {
      const rest = Math.max(0, Math.round(seconds));
      const minutes = Math.floor(rest / 60);
      const [minute, second] = language === "zh" ? [" 分钟", " 秒"] : [" min", " s"];
      if (minutes === 0) return `${rest}${second}`;
      return `${minutes}${minute}` + (rest % 60 === 0 ? "" : ` ${rest % 60}${second}`);
    },
    quantity: (value, unit) => withUnit(minus(significant.format(value)), unit),
    count: (value) => whole.format(value),
    bytes: size,
    instant: (iso) => {
      const when = new Date(iso);
      return Number.isNaN(when.getTime()) ? iso : moment.format(when);
    },
    list: (items) => items.join(language === "zh" ? "，" : ", "),
    labelled: (label, text) => label + (language === "zh" ? "：" : ": ") + text,
    aside: (text) => (language === "zh" ? `（${text}）` : ` (${text})`),
    sentences: (sentences) => sentences.join(language === "zh" ? "" : " "),
  };
}
