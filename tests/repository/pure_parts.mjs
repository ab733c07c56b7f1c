// What the pure parts of the package compute, for whichever runtime calls it.
import * as tf from "@tensorflow/tfjs";

/** Numbers from `lib/metrics`, `lib/tensors/random`, `lib/tensors/schedules` and `lib/method/teacher_drop`. */
export async function compute({ metrics, random: { randomStream }, schedules, teacherDrop }) {
  await tf.setBackend("cpu");
  const random = randomStream(7).at("pure parts");
  const scores = random.uniform(50);
  // Two classes on two sides of the origin.
  const features = Float32Array.from(
    { length: 40 },
    (_, i) => (i % 4 < 2 ? 1 : -1) + 0.3 * Math.sin(i),
  );
  const labels = Int32Array.from({ length: 20 }, (_, i) => i % 2);
  const set = { features, labels, width: 2 };
  const squares = { features: features.map((x) => x * x), width: 2 };
  const losses = tf.tensor2d([0.2, 0.9, 0.4, 0.1, 0.8, 0.3], [2, 3]);
  const uniforms = tf.fill([2, 3], 0.4);
  const coefficients = teacherDrop.teacherDropCoefficients(losses, uniforms, { probability: 0.5 });
  const model = await metrics.fitLogistic(set);
  return {
    random: [...random.uniform(4)],
    schedule: schedules.cosineSchedule({ step: 3, steps: 10, start: 1, end: 0 }),
    interval: metrics.bootstrapInterval(scores, random),
    paired: metrics.pairedBootstrap(scores, scores.map((score) => 0.9 * score), random),
    knn: (await metrics.knn(set, set, { k: 3 })).top1,
    logistic: [...await metrics.predictLogistic(model, features, 2)],
    cka: await metrics.linearCka(set, squares),
    coefficients: [...coefficients.dataSync()],
    costs: metrics.parseCostMatrix("truth,a,b\na,0,1\nb,5,0\n", ["a", "b"]),
  };
}
