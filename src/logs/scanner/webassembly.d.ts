/** The part of the WebAssembly API that the scanner uses: neither ES2023 nor @types/node 20 declares it. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, Memory | ((...args: number[]) => number)>>);
    readonly exports: unknown;
  }
  class Memory {
    constructor(pages: { readonly initial: number });
    readonly buffer: ArrayBuffer;
  }
  interface Global {
    readonly value: number;
  }
}
