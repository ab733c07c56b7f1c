/**
 * A client that loads a server: `deno run serve_client.ts JSON`, see {@linkcode ClientTask}; the outcome is printed
 * as JSON. It is a process of its own, so that it does not share the server's thread.
 *
 * @module
 */

/** What the client does. */
export interface ClientTask {
  /** Address of the server. */
  readonly address: string;
  /** Image files, sent in turn. */
  readonly files: readonly string[];
  /** First numbers of the embedding of each. */
  readonly expected: readonly (readonly number[])[];
  /** Requests that are under way at once. */
  readonly clients: number;
  /** Requests in all; one that is refused is sent again. */
  readonly requests: number;
}

/** What came of it. */
export interface ClientOutcome {
  /** From the first request to the last answer. */
  readonly seconds: number;
  /** Milliseconds from a request to its 200, sorted. */
  readonly milliseconds: readonly number[];
  /** Answers of 503, all of them with Retry-After. */
  readonly refused: number;
  /** Answers of another status, and 503 without Retry-After. */
  readonly failed: number;
  /** Requests without an answer. */
  readonly dropped: number;
  /** Answers of 200 with the embedding of another image. */
  readonly wrong: number;
}

async function load(task: ClientTask): Promise<ClientOutcome> {
  const images = await Promise.all(task.files.map((file) => Deno.readFile(file)));
  const milliseconds: number[] = [];
  let [next, refused, failed, dropped, wrong] = [0, 0, 0, 0, 0];
  const begun = performance.now();
  const ask = async (image: number): Promise<void> => {
    for (;;) {
      const sent = performance.now();
      let answer: Response;
      try {
        answer = await fetch(task.address, { method: "POST", body: images[image]! });
      } catch {
        dropped++;
        return;
      }
      if (answer.status === 200) {
        const { embedding } = await answer.json();
        milliseconds.push(performance.now() - sent);
        const expected = task.expected[image]!;
        if (!expected.every((value, i) => Math.abs(value - embedding[i]) < 1e-2)) wrong++;
        return;
      }
      await answer.body?.cancel();
      const wait = Number(answer.headers.get("retry-after"));
      if (answer.status !== 503 || !(wait > 0)) {
        failed++;
        return;
      }
      refused++;
      await new Promise((resolve) => setTimeout(resolve, 1000 * wait * (0.5 + Math.random())));
    }
  };
  await Promise.all(Array.from({ length: task.clients }, async () => {
    while (next < task.requests) await ask(next++ % images.length);
  }));
  const seconds = (performance.now() - begun) / 1000;
  milliseconds.sort((a, b) => a - b);
  return { seconds, milliseconds, refused, failed, dropped, wrong };
}

if (import.meta.main) console.log(JSON.stringify(await load(JSON.parse(Deno.args[0]!))));
