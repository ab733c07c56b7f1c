/**
 * Inputs of a compiled function whose memory becomes that of its outputs: each lies in a variable while the
 * function runs, the one thing that TensorFlow lets a function overwrite.
 *
 * @module
 */
import { AttributeType } from "../ffi/attributes.ts";
import { executeEagerly } from "../ffi/eager.ts";
import type { Handle, Runtime } from "../ffi/runtime.ts";
import type { Node } from "./graph.ts";
import type { Trace } from "./trace.ts";

/** An output that takes the place of an input. */
export interface Reuse {
  /** Among the inputs of the function. */
  readonly input: number;
  /** Among what the traced function returns. */
  readonly output: number;
}

/** Lets each variable of a trace take the next output of its type and shape. */
export function assignOutputs(
  { graph, variables }: Pick<Trace, "graph" | "variables">,
  outputs: readonly Node[],
): Reuse[] {
  const reuses: Reuse[] = [];
  for (const { handle, read, position } of variables) {
    const output = outputs.findIndex((node, i) =>
      node.dtype === read.dtype && `${node.shape}` === `${read.shape}` &&
      !reuses.some((reuse) => reuse.output === i)
    );
    if (output < 0) continue;
    graph.assign({ handle, read }, outputs[output]!);
    reuses.push({ input: position, output });
  }
  return reuses;
}

/** Puts a tensor into a new variable; the caller deletes both. */
export function intoVariable(runtime: Runtime, { id, shape, dtype }: Handle): Handle {
  const type = { name: "dtype", type: AttributeType.type, value: dtype };
  const [variable] = executeEagerly(
    runtime,
    "VarHandleOp",
    [
      type,
      { name: "shape", type: AttributeType.shape, value: shape },
      // TensorFlow's word for a variable that goes with its handle.
      {
        name: "shared_name",
        type: AttributeType.string,
        value: "cd2c89b7-88b7-44c8-ad83-06c2a9158347",
      },
    ],
    [],
    1,
  );
  executeEagerly(runtime, "AssignVariableOp", [type], [variable!.id, id], 0);
  return variable!;
}

/** The tensor of a variable; the caller deletes both. */
export function outOfVariable(runtime: Runtime, variable: Handle, dtype: number): Handle {
  const type = { name: "dtype", type: AttributeType.type, value: dtype };
  return executeEagerly(runtime, "ReadVariableOp", [type], [variable.id], 1)[0]!;
}
