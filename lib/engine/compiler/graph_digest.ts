/**
 * The digest of a graph: the same for graphs that have the same ops in the same order, so that what is compiled of
 * one serves the other.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Attribute } from "../ffi/attributes.ts";
import { DataType } from "../ffi/data_types.ts";
import { numbersForType } from "../ffi/host_values.ts";

/** Digest of what is added to a graph, node by node. `Node` are its outputs, told apart as objects. */
export class GraphDigest<Node extends object> {
  private readonly hash = createHash("sha256");
  private readonly labels = new WeakMap<Node, string>();
  private nodes = 0;

  /** Adds a node: its op, what sets it apart, and where its inputs come from. */
  add(
    op: string,
    facts: readonly unknown[],
    inputs: readonly Node[],
    outputs: readonly Node[],
  ): void {
    const number = this.nodes++;
    outputs.forEach((output, i) => this.labels.set(output, `${number}.${i}`));
    this.hash.update(`${exact([op, facts, inputs.map((input) => this.labelOf(input))])}\n`);
  }

  /** Adds the values of a constant. */
  addValues(shape: readonly number[], dtype: number, values: unknown): void {
    this.hash.update(exact([shape, dtype]));
    if (dtype === DataType.string) {
      for (const text of values as readonly Uint8Array[]) {
        this.hash.update(`${text.length} `).update(text);
      }
      return;
    }
    const { buffer, byteOffset, byteLength } = numbersForType(values, dtype, shape);
    this.hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }

  /** Ends the digest with the inputs and outputs of the function that the graph becomes; hexadecimal. */
  end(inputs: readonly Node[], outputs: readonly Node[], facts: readonly unknown[]): string {
    const labels = [inputs, outputs].map((nodes) => nodes.map((node) => this.labelOf(node)));
    return this.hash.update(exact([labels, facts])).digest("hex");
  }

  private labelOf(node: Node): string {
    const label = this.labels.get(node);
    if (label === undefined) throw new Error("Found a node of another graph");
    return label;
  }
}

/** Attributes in words, each value as exactly as TensorFlow gets it. */
export function attributeFacts(attributes: readonly Attribute[]): unknown[] {
  return attributes.map(({ name, type, value }) => [name, type, value]);
}

/** A text that only equal values have: unlike JSON it knows NaN, -0, infinity and large integers. */
function exact(value: unknown): string {
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    return `[${Array.from(value as ArrayLike<unknown>, exact).join(",")}]`;
  }
  if (typeof value === "string") return JSON.stringify(value);
  return `${typeof value} ${Object.is(value, -0) ? "-0" : String(value)}`;
}
