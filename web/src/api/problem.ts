/** What went wrong, as RFC 9457 problem details say it, with the house's three answers. */

interface ProblemParts {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly expected: string | null;
  readonly found: string | null;
  readonly remedy: string | null;
  readonly id: string | null;
}

export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly expected: string | null;
  readonly found: string | null;
  readonly remedy: string | null;
  readonly id: string | null;

  constructor(parts: ProblemParts) {
    super(parts.title);
    this.name = "Problem";
    this.status = parts.status;
    this.code = parts.code;
    this.expected = parts.expected;
    this.found = parts.found;
    this.remedy = parts.remedy;
    this.id = parts.id;
  }
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** Reads a response that is not a success; a body that is no problem document still gives a Problem. */
export async function readProblem(response: Response): Promise<Problem> {
  let body: Record<string, unknown> = {};
  try {
    const parsed: unknown = await response.json();
    if (typeof parsed === "object" && parsed !== null) body = parsed as Record<string, unknown>;
  } catch {
    // Not JSON: a proxy's page, or nothing. The status alone is then what is known.
  }
  return problemOf(body, response.status, response.headers.get("x-request-id"));
}

/** The problem that a document tells, such as a job that failed holds; what it leaves out stays unknown. */
export function problemOf(body: Readonly<Record<string, unknown>>, status: number, id: string | null): Problem {
  return new Problem({
    status,
    code: text(body["code"]) ?? `http_${status}`,
    title: text(body["title"]) ?? `HTTP ${status}`,
    expected: text(body["expected"]),
    found: text(body["found"]) ?? text(body["detail"]),
    remedy: text(body["remedy"]),
    id: text(body["request_id"]) ?? text(body["instance"]) ?? id,
  });
}

/** The server gave no answer at all. */
export function unreachable(): Problem {
  return new Problem({
    status: 0,
    code: "unreachable",
    title: "unreachable",
    expected: null,
    found: null,
    remedy: null,
    id: null,
  });
}
