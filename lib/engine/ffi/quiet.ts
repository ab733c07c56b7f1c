import { cLibraryPath } from "./c_library.ts";

/** The C library's calls on file descriptors. */
const symbols = {
  open: { parameters: ["buffer", "i32"], result: "i32" },
  dup: { parameters: ["i32"], result: "i32" },
  dup2: { parameters: ["i32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
} as const;

const standardError = 2, writeOnly = 1;

/**
 * Runs the code that loads TensorFlow without the messages that it writes on loading. Most obey an
 * environment variable, which must stand before the library loads; the first few come before its
 * logging is set up and obey nothing, so the process's standard error is turned aside for them.
 */
export function quietly<T>(load: () => T, verbose: boolean): T {
  if (verbose) return load();
  if (Deno.env.get("TF_CPP_MIN_LOG_LEVEL") === undefined) {
    Deno.env.set("TF_CPP_MIN_LOG_LEVEL", "3");
  }
  if (cLibraryPath === undefined) return load();
  const libc = Deno.dlopen(cLibraryPath, symbols);
  const { open, dup, dup2, close } = libc.symbols;
  const saved = dup(standardError);
  const nowhere = open(new TextEncoder().encode("/dev/null\0"), writeOnly);
  dup2(nowhere, standardError);
  try {
    return load();
  } finally {
    dup2(saved, standardError);
    close(saved);
    close(nowhere);
    libc.close();
  }
}
