import { expect, test } from "vitest";
import { readDocument, summarise } from "./documents";

test("a document is told by its counts", () => {
  const document = readDocument('{"days": 14, "patients": [1, 2, 3], "weights": {"a": 1}, "rooms": []}');
  expect(document && summarise(document)).toEqual([["days", 14], ["patients", 3], ["rooms", 0]]);
});

test("what is no JSON object is no document", () => {
  for (const text of ["", "x", "[1]", "3", "null"]) expect(readDocument(text)).toBeUndefined();
});
