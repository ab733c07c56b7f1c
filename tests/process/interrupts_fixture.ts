/** Ignores its first interrupt but for a line, and would run for a minute. */
import { Interrupted, listenForInterrupts } from "../../lib/process/interrupts.ts";

const { signal } = listenForInterrupts();
signal.addEventListener("abort", () => {
  console.log(signal.reason instanceof Interrupted ? signal.reason.status : "another reason");
});
console.log("ready");
setTimeout(() => {}, 60_000);
