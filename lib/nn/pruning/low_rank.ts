/** Products of queries and keys by fewer numbers each. */
import { EigenvalueDecomposition, Matrix, SingularValueDecomposition } from "ml-matrix";

/** Two matrices of as many columns. */
export interface ProductPair {
  /** `[inputs, columns]` */
  readonly left: Matrix;
  /** `[inputs, columns]` */
  readonly right: Matrix;
}

/**
 * Two narrower matrices whose product `x left (y right)ᵀ` is nearest to that of the given ones, in the mean
 * square over rows x and y of known second moments C: the leading part of the singular value decomposition
 * of `C^½ left rightᵀ C^½`, which takes matrices of `columns` rows alone.
 *
 * @param products C, `[inputs, inputs]`: of tokens, with a last one of 1 where the layers have a bias.
 * @param rank Columns of the result, at most as many as there are.
 * @source Eckart and Young, The approximation of one matrix by another of lower rank, 1936.
 *
 * @example
 * ```ts
 * import { Matrix } from "ml-matrix";
 * import { lowRankProduct } from "./low_rank.ts";
 * // The second column is a copy of the first: one is enough.
 * const pair = { left: new Matrix([[1, 1], [2, 2]]), right: new Matrix([[3, 3], [1, 1]]) };
 * const { left, right } = lowRankProduct(pair, Matrix.eye(2), 1);
 * if (Math.abs(left.mmul(right.transpose()).get(0, 0) - 6) > 1e-9) throw new Error("1 x 3 + 1 x 3");
 * ```
 */
export function lowRankProduct(
  { left, right }: ProductPair,
  products: Matrix,
  rank: number,
): ProductPair {
  const [roots, others] = [left, right].map((side) =>
    squareRoot(side.transpose().mmul(products).mmul(side))
  ) as [Matrix, Matrix];
  const { leftSingularVectors, rightSingularVectors, diagonal } = new SingularValueDecomposition(
    roots.mmul(others.transpose()),
  );
  const scaled = (vectors: Matrix) =>
    vectors.subMatrix(0, vectors.rows - 1, 0, rank - 1).mulRowVector(
      // A direction of no size has no part in the product.
      diagonal.slice(0, rank).map((size) => size > 1e-12 * diagonal[0]! ? 1 / Math.sqrt(size) : 0),
    );
  return {
    left: left.mmul(others.transpose()).mmul(scaled(rightSingularVectors)),
    right: right.mmul(roots.transpose()).mmul(scaled(leftSingularVectors)),
  };
}

/** The symmetric matrix whose square is a symmetric matrix that is not negative. */
function squareRoot(matrix: Matrix): Matrix {
  const { eigenvectorMatrix, realEigenvalues } = new EigenvalueDecomposition(matrix, {
    assumeSymmetric: true,
  });
  const roots = realEigenvalues.map((value) => Math.sqrt(Math.max(0, value)));
  return eigenvectorMatrix.clone().mulRowVector(roots).mmul(eigenvectorMatrix.transpose());
}
