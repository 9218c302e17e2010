import { expect, test } from "vitest";
import { readAddress, writeAddress } from "./address";

test("an address that is written is read the same", () => {
  for (const address of [
    { service: null, view: "try", job: null, language: null },
    { service: "chest_xray.pneumonia", view: "card", job: null, language: "zh" },
    { service: "a&b=c", view: "call", job: "0199-a", language: "en" },
  ] as const) {
    expect(readAddress(writeAddress(address).slice(1))).toEqual(address);
  }
});

test("what an address does not know is left at its beginning", () => {
  expect(readAddress("?view=nonsense&lang=xx")).toEqual({ service: null, view: "try", job: null, language: null });
});
