/** Refuses readouts that a network does not have, before any image is read. */
import { UserError } from "../../errors/user_error.ts";
import { encoderStages } from "../../nn/encoder.ts";
import type { Backbone } from "../backbone.ts";
import { type FittedReadout, isFitted, type Readout, readoutText } from "./readout.ts";

/**
 * Refuses a readout of stages or teachers that a network does not have and, of one that was fitted, of another
 * network, or without the statistics that it needs.
 *
 * @throws {UserError} with what the network has
 *
 * @example
 * ```ts
 * import { checkReadout } from "./check_readout.ts";
 * import { openModel } from "@hashigo/hashigo/evaluation";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * await startEngine();
 * const { backbone } = await openModel("pixels");
 * let refused = "";
 * try {
 *   checkReadout({ stages: [3] }, backbone);
 * } catch (error) {
 *   refused = String(error);
 * }
 * if (!refused.includes("no stages")) throw new Error("Pixels have none");
 * ```
 */
export function checkReadout(
  readout: Readout | FittedReadout,
  backbone: Pick<
    Backbone,
    "name" | "digest" | "width" | "tokens" | "encoder" | "stages" | "predictor"
  >,
): void {
  const attempt = `Cannot read "${backbone.name}" out by ${readoutText(readout)}`;
  checkStages(readout, backbone, attempt);
  checkPredictions(readout, backbone, attempt);
  if (!isFitted(readout)) return;
  if (readout.network !== backbone.digest) {
    throw new UserError(
      `${attempt}: its statistics are of the network ${
        readout.network.slice(0, 12) || "without a digest"
      }, ` +
        `found ${backbone.digest.slice(0, 12) || "one without a digest"}. Choose it anew with ` +
        "deno task evaluate --readout chosen, or give the readout without network and statistics",
    );
  }
  if (readout.standardized === true) checkStatistics(readout, backbone, attempt);
}

function checkStages(
  { stages }: Readout,
  { encoder, stages: seen }: Pick<Backbone, "encoder" | "stages">,
  attempt: string,
): void {
  const numbers = stages.filter((stage) => stage !== "last");
  if (numbers.length === 0) return;
  if (encoder === undefined || seen === undefined) {
    throw new UserError(
      `${attempt}: found no stages that can be seen, expected "last" alone. Read its features, ` +
        "standardised or as they are",
    );
  }
  const count = encoderStages(encoder).length;
  const absent = numbers.find((stage) => stage >= count);
  if (absent === undefined) return;
  throw new UserError(
    `${attempt}: found no stage ${absent}, expected 0 to ${
      count - 1
    }, or "last". Name stages that ` +
      "are there",
  );
}

function checkPredictions(
  { predictions = {} }: Readout,
  { predictor }: Pick<Backbone, "predictor">,
  attempt: string,
): void {
  const names = Object.keys(predictions);
  if (names.length === 0) return;
  if (predictor === undefined) {
    throw new UserError(
      `${attempt}: it has no projectors to predict ${
        names.join(" and ")
      } by; only the folder of a run ` +
        "with its checkpoints has. Give the run's folder, or leave predictions out",
    );
  }
  const known = predictor.teachers.map(({ name }) => name);
  const stranger = names.find((name) => !known.includes(name));
  if (stranger === undefined) return;
  throw new UserError(
    `${attempt}: the run has no teacher "${stranger}", expected one of ${
      known.join(", ")
    }. Name a ` +
      "teacher of the run",
  );
}

function checkStatistics(
  { stages, statistics = {} }: FittedReadout,
  { width, tokens, encoder }: Pick<Backbone, "width" | "tokens" | "encoder">,
  attempt: string,
): void {
  for (const stage of stages) {
    const known = statistics[`${stage}`];
    const expected = stage === "last" ? width : encoderStages(encoder!)[stage]!.width;
    const kinds = [known?.cls, ...tokens.includes("patch") ? [known?.patch] : []];
    const wrong = kinds.find((kind) => kind?.mean.length !== expected);
    if (kinds.every((kind) => kind?.mean.length === expected)) continue;
    throw new UserError(
      `${attempt}: found statistics of ${
        wrong?.mean.length ?? "no"
      } numbers for "${stage}", expected ` +
        `${expected} for its tokens. Choose it anew with deno task evaluate --readout chosen`,
    );
  }
}
