/** Keeps a server that listens everywhere to this machine. */
import { cLibraryPath } from "../ffi/c_library.ts";

const symbols = {
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
} as const;

// Of Linux: sys/socket.h.
const socketLevel = 1, acceptsConnections = 30, bindToDevice = 25;
/** No process here has as many files open when its server starts. */
const mostDescriptors = 4096;

/**
 * Binds the sockets of this process that listen at a port to the loopback device, so that nothing from another
 * machine reaches them: TensorFlow's server listens at every interface, whatever address it is given.
 *
 * @returns how many sockets were bound; 0 where the system cannot (only Linux can)
 */
export function keepToLoopback(port: number): number {
  if (Deno.build.os !== "linux" || cLibraryPath === undefined) return 0;
  const library = Deno.dlopen(cLibraryPath, symbols), c = library.symbols;
  const device = new TextEncoder().encode("lo\0");
  let bound = 0;
  try {
    for (let descriptor = 3; descriptor < mostDescriptors; descriptor++) {
      if (portOf(c, descriptor) !== port || !listens(c, descriptor)) continue;
      const failed = c.setsockopt(descriptor, socketLevel, bindToDevice, device, device.length);
      if (failed === 0) bound += 1;
    }
  } finally {
    library.close();
  }
  return bound;
}

type SocketApi = Deno.DynamicLibrary<typeof symbols>["symbols"];

/** `struct sockaddr`: the family in the order of this processor, then the port, most significant byte first. */
function portOf(c: SocketApi, descriptor: number): number | undefined {
  const address = new Uint8Array(128), length = Uint32Array.of(address.length);
  if (c.getsockname(descriptor, address, length) !== 0) return undefined;
  const family = new Uint16Array(address.buffer, 0, 1)[0];
  const internet = family === 2 || family === 10;
  return internet ? address[2]! * 256 + address[3]! : undefined;
}

function listens(c: SocketApi, descriptor: number): boolean {
  const value = new Int32Array(1), length = Uint32Array.of(4);
  const failed = c.getsockopt(descriptor, socketLevel, acceptsConnections, value, length);
  return failed === 0 && value[0] === 1;
}
