/**
 * Reads pickles, the instructions by which Python stores objects, without running any code of the
 * file: the reader builds the plain values of pickle_values.ts, and its caller says what the call of
 * a global stands for. Objects of any class become inert records: the name of the class, and the
 * items and attributes that the file gives it. A pickle makes at most one value per operation, and
 * operations are counted.
 *
 * @source Python's `pickletools`, which documents the operations of each protocol.
 * @module
 */
import { PickleBytes } from "./pickle_bytes.ts";
import { isKind, kindOf, type PickleValue, recordOf } from "./pickle_values.ts";
import type { Refuse } from "../refuse_reading.ts";

/** The decisions that {@linkcode unpickle} leaves to its caller. */
export interface PickleHandlers {
  /** The value that a call of a global stands for. */
  call(name: string, args: readonly PickleValue[]): PickleValue;
  /** The value that lies outside of the pickle under an id: a storage. */
  persistent(id: PickleValue): PickleValue;
  /** Called with each fault of the pickle. */
  readonly refuse: Refuse;
}

/** What to do about a file that holds far more than weights. */
export const saveAlone = "Save the weights alone in PyTorch, without what stands beside them: " +
  "torch.save(model.state_dict(), path)";

/** PyTorch needs about 40 operations for a tensor; each may make a value of 200 bytes. */
const MAXIMUM_OPERATIONS = 1_000_000;
/** Most tuples, lists and dictionaries that are open at once. */
const MAXIMUM_DEPTH = 200;

/** Reads the pickle that begins at `start`; `end` is the byte after it. */
export function unpickle(
  bytes: Uint8Array,
  start: number,
  handlers: PickleHandlers,
): { readonly value: PickleValue; readonly end: number } {
  const machine = new Machine(new PickleBytes(bytes, start, handlers.refuse), handlers);
  for (let count = 0; count < MAXIMUM_OPERATIONS; count++) {
    const code = machine.input.uint8();
    if (code === STOP) return { value: machine.pop(), end: machine.input.at };
    const operation = operations.get(code);
    if (operation === undefined) {
      const at = machine.input.at - 1;
      return handlers.refuse(`the unknown pickle operation 0x${code.toString(16)} at byte ${at}`);
    }
    operation(machine);
  }
  return handlers.refuse(
    `a pickle of more than ${MAXIMUM_OPERATIONS} operations, the budget of this reader`,
    saveAlone,
  );
}

/** The stack, the marks where tuples and the like begin on it, and the values in the memo. */
class Machine {
  readonly memo = new Map<number, PickleValue>();
  readonly #stack: PickleValue[] = [];
  readonly #marks: number[] = [];

  constructor(readonly input: PickleBytes, readonly handlers: PickleHandlers) {}

  push(value: PickleValue): void {
    this.#stack.push(value);
  }

  top(): PickleValue {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) return this.#empty();
    return this.#stack.at(-1) ?? null;
  }

  pop(): PickleValue {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) return this.#empty();
    return this.#stack.pop() ?? null;
  }

  mark(): void {
    if (this.#marks.length === MAXIMUM_DEPTH) {
      this.handlers.refuse(
        `values nested more than ${MAXIMUM_DEPTH} deep, the budget of this reader`,
        saveAlone,
      );
    }
    this.#marks.push(this.#stack.length);
  }

  /** All values since the last mark. */
  popToMark(): PickleValue[] {
    const mark = this.#marks.pop();
    return mark === undefined
      ? this.handlers.refuse("the end of a list that has no beginning")
      : this.#stack.splice(mark);
  }

  tuple(length: number): void {
    const items = Array.from({ length }, () => this.pop()).reverse();
    this.push({ kind: "tuple", items });
  }

  get(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) {
      return this.handlers.refuse(`value ${index}, which was never put aside`);
    }
    this.push(value);
  }

  global(module: string, name: string): void {
    this.push({ kind: "global", name: `${module}.${name}` });
  }

  text(): string {
    const value = this.pop();
    return typeof value === "string"
      ? value
      : this.handlers.refuse(`${kindOf(value)}, expected a name`);
  }

  /** Python would call `callable(*args)`; here the caller of the reader makes the value. */
  call(args: PickleValue, callable: PickleValue): void {
    if (isKind(args, "tuple") && isKind(callable, "global")) {
      return this.push(this.handlers.call(callable.name, args.items));
    }
    // Python calls objects too, as functools.partial; what they would make is never needed.
    if (isKind(callable, "record")) return this.push(recordOf(callable.name));
    this.handlers.refuse(`a call of ${kindOf(callable)}, expected one of a global`);
  }

  /** Adds items to the list below them. Items of a record are dropped. */
  append(items: readonly PickleValue[]): void {
    const list = this.top();
    if (isKind(list, "list")) { for (const item of items) list.items.push(item); }
    else if (!isKind(list, "record")) this.handlers.refuse(`items for ${kindOf(list)}`);
  }

  /** Adds keys and values, in turn, to the dictionary, or to the record, below them. */
  setItems(items: readonly PickleValue[]): void {
    const dict = this.top();
    if (!(isKind(dict, "dict") || isKind(dict, "record")) || items.length % 2 !== 0) {
      return this.handlers.refuse(`${items.length} keys and values for ${kindOf(dict)}`);
    }
    for (let i = 0; i < items.length; i += 2) {
      dict.entries.push([items[i] ?? null, items[i + 1] ?? null]);
    }
  }

  /** Gives a record its attributes: networks lie in those of a saved module. Others have none. */
  setState(): void {
    const state = this.pop(), target = this.top();
    if (isKind(target, "dict") || isKind(target, "tensor")) return;
    if (!isKind(target, "record")) return this.handlers.refuse(`attributes of ${kindOf(target)}`);
    // By reference: the file may give one state to many objects.
    target.state = state;
  }

  #empty(): never {
    return this.handlers.refuse("an operation on a value that is not there");
  }
}

const STOP = 0x2e;

type Operation = (m: Machine) => void;

/** Operations by the letters of Python's `pickle`. */
const letters: { readonly [letter: string]: Operation } = {
  "(": (m) => m.mark(),
  "N": (m) => m.push(null),
  "K": (m) => m.push(m.input.uint8()),
  "M": (m) => m.push(m.input.uint16()),
  "J": (m) => m.push(m.input.int32()),
  "G": (m) => m.push(m.input.float64()),
  "X": (m) => m.push(m.input.text(m.input.uint32())),
  // Python 2 wrote names so; bytes beyond ASCII would be no name.
  "T": (m) => m.push(m.input.text(m.input.uint32())),
  "U": (m) => m.push(m.input.text(m.input.uint8())),
  "B": (m) => m.push(m.input.take(m.input.uint32())),
  "C": (m) => m.push(m.input.take(m.input.uint8())),
  ")": (m) => m.tuple(0),
  "t": (m) => m.push({ kind: "tuple", items: m.popToMark() }),
  "]": (m) => m.push({ kind: "list", items: [] }),
  "a": (m) => {
    const item = m.pop();
    m.append([item]);
  },
  "e": (m) => m.append(m.popToMark()),
  "}": (m) => m.push({ kind: "dict", entries: [] }),
  "s": (m) => {
    const value = m.pop(), key = m.pop();
    m.setItems([key, value]);
  },
  "u": (m) => m.setItems(m.popToMark()),
  "q": (m) => void m.memo.set(m.input.uint8(), m.top()),
  "r": (m) => void m.memo.set(m.input.uint32(), m.top()),
  "h": (m) => m.get(m.input.uint8()),
  "j": (m) => m.get(m.input.uint32()),
  "c": (m) => m.global(m.input.line(), m.input.line()),
  "R": reduce,
  "i": (m) => {
    const [module, name, items] = [m.input.line(), m.input.line(), m.popToMark()];
    m.push(m.handlers.call(`${module}.${name}`, items));
  },
  "o": (m) => {
    const [callable = null, ...items] = m.popToMark();
    m.call({ kind: "tuple", items }, callable);
  },
  "b": (m) => m.setState(),
  "0": (m) => void m.pop(),
  "1": (m) => void m.popToMark(),
  "2": (m) => m.push(m.top()),
  "l": (m) => m.push({ kind: "list", items: m.popToMark() }),
  "d": (m) => {
    const items = m.popToMark();
    m.push({ kind: "dict", entries: [] });
    m.setItems(items);
  },
  "Q": (m) => m.push(m.handlers.persistent(m.pop())),
};

/** Operations of protocol 2 and later whose codes are no letters. */
const numbers: { readonly [code: number]: Operation } = {
  0x80: protocol,
  0x95: (m) => void m.input.uint64(), // FRAME: a hint for readers of streams
  0x88: (m) => m.push(true),
  0x89: (m) => m.push(false),
  0x8a: (m) => m.push(m.input.integer(m.input.uint8())),
  0x8b: (m) => m.push(m.input.integer(m.input.uint32())),
  0x8c: (m) => m.push(m.input.text(m.input.uint8())),
  0x8d: (m) => m.push(m.input.text(m.input.uint64())),
  0x8e: (m) => m.push(m.input.take(m.input.uint64())),
  0x85: (m) => m.tuple(1),
  0x86: (m) => m.tuple(2),
  0x87: (m) => m.tuple(3),
  0x8f: (m) => m.push({ kind: "list", items: [] }), // EMPTY_SET
  0x90: (m) => m.append(m.popToMark()),
  0x94: (m) => void m.memo.set(m.memo.size, m.top()),
  0x93: (m) => {
    const name = m.text();
    m.global(m.text(), name);
  },
  0x81: reduce, // NEWOBJ
  0x91: (m) => m.push({ kind: "list", items: m.popToMark() }), // FROZENSET
  0x92: (m) => { // NEWOBJ_EX, with keyword arguments
    m.pop();
    reduce(m);
  },
  0x96: (m) => m.push(m.input.take(m.input.uint64())), // BYTEARRAY8
};

function reduce(m: Machine): void {
  const args = m.pop(), callable = m.pop();
  m.call(args, callable);
}

const operations: ReadonlyMap<number, Operation> = new Map([
  ...Object.entries(letters).map(([letter, run]) => [letter.charCodeAt(0), run] as const),
  ...Object.entries(numbers).map(([code, run]) => [Number(code), run] as const),
]);

function protocol(m: Machine): void {
  const version = m.input.uint8();
  if (version < 2 || version > 5) m.handlers.refuse(`pickle protocol ${version}, expected 2 to 5`);
}
