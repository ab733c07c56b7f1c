/** Whether the tests of `drift` keep their level, and what drifts they find: on images that come with the package. */
import { processorName } from "../../cli/recording.ts";
import { packImages } from "../../images/packs/pack.ts";
import type { ImagePack } from "../../images/packs/pack_file.ts";
import { packageImages } from "../../io/package_data.ts";
import { openStudent } from "../../inference/open_student.ts";
import { wilsonInterval } from "../../metrics/comparison/wilson_interval.ts";
import { detectDrift, type Drift } from "../../metrics/drift/detect_drift.ts";
import { type FeatureMatrix, gatherRows } from "../../metrics/feature_matrix.ts";
import { type RandomStream, randomStream } from "../../tensors/random.ts";
import { gradedDrifts } from "./graded_drifts.ts";
import { benchStream, type StreamBench } from "./bench_stream.ts";

/** How much is drawn. */
export interface DriftBenchSetting {
  /** Images of which reference and new images are drawn. */
  readonly pool: number;
  /** Images of the reference, and new ones. */
  readonly images: number;
  /** Draws without drift. */
  readonly draws: number;
  /** Draws of each grade of each drift. */
  readonly powerDraws: number;
  /** Exchanges of labels. */
  readonly permutations: number;
}

/** A setting that takes a few minutes. */
export const driftSetting: DriftBenchSetting = {
  pool: 800,
  images: 150,
  draws: 200,
  powerDraws: 25,
  permutations: 199,
};

/** Network and images, which any clone has. */
const model = "resnet20_cifar10", set = "land_use", level = 0.05;

/** The three tests and their verdict. */
export const driftTests = ["axes", "discrepancy", "classifier", "verdict"] as const;

/** Alarms of each, of so many draws. */
export type Alarms = Readonly<Record<typeof driftTests[number], number>>;

/** Outcome of {@linkcode benchDrift}. */
export interface DriftBench {
  readonly setting: DriftBenchSetting;
  readonly model: string;
  readonly set: string;
  readonly level: number;
  /** Of the draws without drift, with 95 % intervals of the rates in percent. */
  readonly false: {
    readonly alarms: Alarms;
    readonly intervals: Readonly<Record<keyof Alarms, [low: number, high: number]>>;
  };
  /** Of the draws of each grade. */
  readonly power: readonly {
    readonly drift: string;
    readonly unit: string;
    readonly grade: number;
    readonly alarms: Alarms;
  }[];
  readonly stream: StreamBench;
  readonly machine: { readonly cpu: string; readonly cores: number };
}

/** Extracts features of all images by all grades, then draws. The same numbers come each time. */
export async function benchDrift(
  setting: DriftBenchSetting,
  onProgress: (line: string) => void = () => {},
): Promise<DriftBench> {
  const random = randomStream(0);
  using student = await openStudent(model);
  const pack = await packImages({ path: packageImages(`data/images/${set}.zip`), split: "train" }, {
    canvas: student.backbone.input.size,
    limit: setting.pool,
  });
  const pixels = pack.read([...pack.names.keys()]), size = pack.canvas ** 2 * 3;
  const featuresOf = async (changed: Uint8Array) =>
    matrixOf(
      await student.embedPixels(
        Array.from({ length: pack.count }, (_, i) => changed.subarray(i * size, (i + 1) * size)),
      ),
    );
  const clean = await featuresOf(pixels);
  const same = drawsOf(clean, setting);
  onProgress(`${setting.draws} draws without drift`);
  const alarms = await count(setting.draws, (draw) => same(random.at("none", draw), clean));
  const power: DriftBench["power"][number][] = [];
  const changedBy = new Map<string, FeatureMatrix>();
  for (const { name, unit, grades, change } of gradedDrifts) {
    for (const grade of grades) {
      onProgress(`${name}, ${grade} ${unit}`);
      const noise = random.at(name, Math.round(1000 * grade));
      const changed = await featuresOf(await change(pixels, pack.canvas, grade, noise));
      changedBy.set(`${name} ${grade}`, changed);
      power.push({
        ...{ drift: name, unit, grade },
        alarms: await count(
          setting.powerDraws,
          (draw) => same(random.at(name, grade * 1000 | 0, draw), changed),
        ),
      });
    }
  }
  for (const share of [0.02, 0.05, 0.1, 0.2, 0.4]) {
    onProgress(`a new class, ${share} of the images`);
    power.push({
      ...{ drift: "a new class", unit: "share of the images", grade: share },
      alarms: await count(setting.powerDraws, (draw) =>
        withNewClass(clean, pack, setting, {
          ...{ share, heldOut: draw % pack.classes.length },
          random: random.at("class", Math.round(1000 * share), draw),
        })),
    });
  }
  pack.close();
  const stream = await benchStream(clean, changedBy, random.at("stream"));
  return {
    ...{ setting, model, set, level },
    false: {
      alarms,
      intervals: Object.fromEntries(
        driftTests.map((test) => [test, wilsonInterval(alarms[test], setting.draws)]),
      ) as DriftBench["false"]["intervals"],
    },
    ...{ power, stream },
    machine: { cpu: processorName(), cores: navigator.hardwareConcurrency },
  };
}

function matrixOf(rows: readonly Float32Array[]): FeatureMatrix {
  const width = rows[0]!.length, features = new Float32Array(rows.length * width);
  rows.forEach((row, i) => features.set(row, i * width));
  return { features, width };
}

function rowsOf({ features, width }: FeatureMatrix, rows: ArrayLike<number>): FeatureMatrix {
  return { features: gatherRows(features, rows, width), width };
}

/** A test of clean images against others of the pool, none of which is in both. */
function drawsOf(clean: FeatureMatrix, { images, permutations }: DriftBenchSetting) {
  return async (random: RandomStream, changed: FeatureMatrix) => {
    const order = random.at("images").permutation(clean.features.length / clean.width);
    return await detectDrift(
      rowsOf(clean, order.subarray(0, images)),
      rowsOf(changed, order.subarray(images, 2 * images)),
      random.at("test"),
      { level, permutations },
    );
  };
}

/** A test where the reference lacks a class that some of the new images have. */
async function withNewClass(
  clean: FeatureMatrix,
  { labels }: ImagePack,
  { images, permutations }: DriftBenchSetting,
  { share, heldOut, random }: {
    readonly share: number;
    readonly heldOut: number;
    readonly random: RandomStream;
  },
): Promise<Drift> {
  const order = [...random.at("images").permutation(labels.length)];
  const [known, unknown] = [false, true].map((is) =>
    order.filter((image) => (labels[image] === heldOut) === is)
  );
  const strange = Math.round(share * images);
  return await detectDrift(
    rowsOf(clean, known!.slice(0, images)),
    rowsOf(clean, [...known!.slice(images, 2 * images - strange), ...unknown!.slice(0, strange)]),
    random.at("test"),
    { level, permutations },
  );
}

async function count(draws: number, test: (draw: number) => Promise<Drift>): Promise<Alarms> {
  const alarms = { axes: 0, discrepancy: 0, classifier: 0, verdict: 0 };
  for (let draw = 0; draw < draws; draw++) {
    const found = await test(draw);
    for (const name of ["axes", "discrepancy", "classifier"] as const) {
      alarms[name] += Number(found[name].p <= level);
    }
    alarms.verdict += Number(found.drift);
  }
  return alarms;
}
