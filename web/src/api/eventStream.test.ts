import { expect, test } from "vitest";
import { readBlock, readEvents, type StreamEvent } from "./eventStream";

function streamOf(pieces: readonly string[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(encoder.encode(piece));
      controller.close();
    },
  });
}

async function all(pieces: readonly string[]): Promise<readonly StreamEvent[]> {
  const found: StreamEvent[] = [];
  for await (const event of readEvents(streamOf(pieces))) found.push(event);
  return found;
}

test("a block names its event and joins its lines of data", () => {
  expect(readBlock("event: done\ndata: {\ndata: }")).toEqual({ event: "done", data: "{\n}" });
  expect(readBlock("data:1")).toEqual({ event: "message", data: "1" });
});

test("a comment that keeps the line open is no event", () => {
  expect(readBlock(": still there")).toBeNull();
});

test("events are the same however the bytes were cut", async () => {
  const text = "event: progress\ndata: 1\n\n: ping\n\nevent: done\r\ndata: 2\r\n\r\n";
  const whole = await all([text]);
  expect(whole).toEqual([
    { event: "progress", data: "1" },
    { event: "done", data: "2" },
  ]);
  expect(await all([...text].slice(0, 40).concat([text.slice(40)]))).toEqual(whole);
});

test("a block that was not finished is not told", async () => {
  expect(await all(["data: 1\n\ndata: 2"])).toEqual([{ event: "message", data: "1" }]);
});
