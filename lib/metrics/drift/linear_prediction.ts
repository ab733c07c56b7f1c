/** One network's features predicted from another's by the best linear map of some images. */
import { Matrix, solve } from "ml-matrix";
import { centred, type FeatureMatrix, featureMean, shifted } from "../feature_matrix.ts";

/** A linear map between features. */
export interface LinearPrediction {
  /** Predicts features `[images, output width]` from `[images, input width]`. */
  predict(inputs: FeatureMatrix): FeatureMatrix;
}

/**
 * Fits the linear map with intercept of the least squared error, by ridge regression.
 *
 * @param inputs `[images, width]`
 * @param outputs `[images, width]` of the same images; widths may differ.
 * @param penalty of the squared weights, for each image; in squared units of the inputs.
 *
 * @example
 * ```ts
 * import { fitLinearPrediction } from "./linear_prediction.ts";
 * const inputs = { features: Float32Array.of(0, 1, 2, 3), width: 1 };
 * const outputs = { features: Float32Array.of(1, 3, 5, 7), width: 1 };
 * const { features } = fitLinearPrediction(inputs, outputs, 1e-9).predict({ features: Float32Array.of(10), width: 1 });
 * if (Math.abs(features[0]! - 21) > 1e-4) throw new Error("Twice and one more");
 * ```
 */
export function fitLinearPrediction(
  inputs: FeatureMatrix,
  outputs: FeatureMatrix,
  penalty: number,
): LinearPrediction {
  const images = inputs.features.length / inputs.width;
  const [inputMean, outputMean] = [featureMean(inputs), featureMean(outputs)];
  const [x, y] = [matrixOf(centred(inputs)), matrixOf(centred(outputs))];
  const scatter = x.transpose().mmul(x)
    .add(Matrix.eye(inputs.width, inputs.width, penalty * images));
  const weights = solve(scatter, x.transpose().mmul(y));
  return {
    predict(features) {
      const product = matrixOf(shifted(features, inputMean)).mmul(weights);
      const values = product.to1DArray();
      return {
        features: Float32Array.from(values, (value, i) => value + outputMean[i % outputs.width]!),
        width: outputs.width,
      };
    },
  };
}

function matrixOf({ features, width }: FeatureMatrix): Matrix {
  return Matrix.from1DArray(features.length / width, width, features);
}
