const paths: Record<string, string> = {
  linux: "libc.so.6",
  darwin: "/usr/lib/libSystem.B.dylib",
};

/** Where the loader finds the C library on this system; undefined on systems without a known one. */
export const cLibraryPath: string | undefined = paths[Deno.build.os];
