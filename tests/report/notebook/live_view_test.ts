/** A run that is watched: one output, redrawn often enough, that leaves the run its time. */
import { assert, assertEquals, assertLess, assertRejects, assertStringIncludes } from "@std/assert";
import { runBoard } from "../../../lib/report/notebook/boards.ts";
import { liveView } from "../../../lib/report/notebook/show.ts";
import { jupyterDisplay, notebookPicture } from "../../../lib/report/notebook/view.ts";
import { madeUpRun } from "../run_fixture.ts";

const { reports } = madeUpRun();
const words = (text: string) => () => notebookPicture(new Uint8Array(), text);
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A kernel that keeps what it is shown, and when. */
function listeningKernel(now: () => number) {
  const shown: { text: string; at: number; id: unknown; update: unknown; types: string[] }[] = [];
  return {
    shown,
    display(bundle: unknown, options: Record<string, unknown>) {
      // As Deno's kernel does.
      const contents: Record<string, string> = JSON.parse(JSON.stringify(bundle));
      shown.push({
        text: contents["text/plain"]!,
        at: now(),
        id: options.display_id,
        update: options.update,
        types: Object.keys(contents).sort(),
      });
      return Promise.resolve();
    },
  };
}

/** A step of some milliseconds: work and not a pause, since a busy machine holds up both watching and working. */
function work(): void {
  let sum = 0;
  for (let i = 0; i < 3e6; i++) sum += Math.sqrt(i);
  assert(sum > 0);
}

Deno.test("a live view is one output, redrawn once a second, or every two seconds if it takes long", async () => {
  const timesWhere = async (drawing: number) => {
    let clock = 0;
    const kernel = listeningKernel(() => clock);
    const live = liveView("run", { kernel, now: () => clock });
    for (let step = 0; step < 60; step++, clock += 100) {
      await live.update(() => {
        clock += drawing;
        return words(`${step}`)();
      });
      await pause(25);
    }
    await live.end(words("end"));
    const ids = new Set(kernel.shown.map(({ id }) => id));
    assertEquals(ids, new Set(["run"]));
    assertEquals(kernel.shown.map(({ update }) => update), [
      false,
      ...Array(kernel.shown.length - 1).fill(true),
    ]);
    assertEquals(kernel.shown.at(-1)?.text, "end");
    return kernel.shown.slice(1, -1).map(({ at }, i) => at - kernel.shown[i]!.at);
  };
  const quick = await timesWhere(1);
  assert(quick.length >= 4 && quick.every((gap) => gap >= 1000 && gap <= 1120), `${quick}`);
  const slow = await timesWhere(300);
  assert(slow.length >= 2 && slow.every((gap) => gap <= 2400), `${slow}`);
});

Deno.test("while a run goes on no picture is drawn; at its end there is one", async () => {
  const half = reports.slice(0, 750);
  const live = await runBoard(half)[jupyterDisplay]({ live: true });
  assertEquals(Object.keys(live).sort(), [
    "application/vnd.plotly.v1+json",
    "text/html",
    "text/plain",
  ]);
  assertEquals(live["text/plain"], "step 750 of 1500 · loss 0.295 · 1 min 54 s left");
  assertStringIncludes(
    JSON.stringify(live["application/vnd.plotly.v1+json"]),
    "step 750 of 1500 · loss 0.295 · 1 min 54 s left",
  );
  assertStringIncludes(String(live["text/html"]), "land_use");
  const end = await runBoard(reports)[jupyterDisplay]();
  assertEquals(Object.keys(end).sort(), [
    "application/vnd.plotly.v1+json",
    "image/png",
    "text/plain",
  ]);
  assertStringIncludes(end["text/plain"], "step 1500 of 1500");
  assertStringIncludes(end["text/plain"], "done in 3 min 49 s");
  assertEquals((await runBoard([])[jupyterDisplay]({ live: true }))["text/plain"], "no step yet");
});

Deno.test("watching a run takes less than 3 % of its time, after a hundred thousand steps too", async () => {
  const many = Array.from({ length: 100_000 }, (_, i) => reports[i % reports.length]!);
  const kernel = listeningKernel(() => performance.now());
  const live = liveView("run", { kernel });
  // First drawings compile what they call.
  for (let i = 0; i < 5; i++) await runBoard(many)[jupyterDisplay]({ live: true });
  const begun = performance.now();
  let watching = 0;
  while (performance.now() - begun < 6000) {
    work();
    await pause(0);
    many.push(reports[many.length % reports.length]!);
    const before = performance.now();
    await live.update(() => runBoard(many));
    watching += performance.now() - before;
  }
  const share = watching / (performance.now() - begun);
  assertLess(share, 0.03);
  const gaps = kernel.shown.slice(1).map(({ at }, i) => at - kernel.shown[i]!.at);
  assert(gaps.length >= 3 && Math.max(...gaps) < 2100, `${gaps}`);
});

Deno.test("what the kernel refuses is told, though the run does not wait for it", async () => {
  const kernel = { display: () => Promise.reject(new Error("no more room")) };
  const live = liveView("run", { kernel });
  await live.update(words("first"));
  await pause(5);
  await assertRejects(() => live.update(words("second")), Error, "no more room");
});
