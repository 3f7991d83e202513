/** The WebAssembly of the fast path: the scanner, and the table of seen events. Instances may share one memory. */
import { SCANNER_WASM_BASE64 } from './scanner-wasm.ts';

/** The functions that assembly/index.ts imports. */
export interface ScannerImports {
  resolveLocalTime(packed: number): number;
  /** WebAssembly passes numbers, so this takes six of them. */
  plainLine(start: number, end: number, row: number, originStart: number, markerStart: number, shape: number): number;
  trackOf(origin: number, key: number): number;
  isKnownExactly(track: number, bucket: number, near: number, sid: number, processed: number): number;
}

/** The functions and numbers that assembly/index.ts exports. */
export interface ScannerExports {
  readonly inputStart: WebAssembly.Global;
  readonly inputBytes: WebAssembly.Global;
  readonly rowsStart: WebAssembly.Global;
  readonly maxText: WebAssembly.Global;
  readonly cellsStart: WebAssembly.Global;
  readonly cellBytes: WebAssembly.Global;
  readonly maxCells: WebAssembly.Global;
  readonly sumsStart: WebAssembly.Global;
  readonly maxSums: WebAssembly.Global;
  readonly othersStart: WebAssembly.Global;
  readonly templateBytes: WebAssembly.Global;
  readonly shape: WebAssembly.Global;
  readonly lastLocalTime: WebAssembly.Global;
  readonly lastLocalPacked: WebAssembly.Global;
  readonly isLocalTaken: WebAssembly.Global;
  readonly position: WebAssembly.Global;
  readonly lines: WebAssembly.Global;
  readonly overlong: WebAssembly.Global;
  readonly trailing: WebAssembly.Global;
  readonly previousTime: WebAssembly.Global;
  readonly taken: WebAssembly.Global;
  readonly unchecked: WebAssembly.Global;
  readonly ownersStart: WebAssembly.Global;
  readonly pagesStart: WebAssembly.Global;
  readonly maxPages: WebAssembly.Global;
  initialize(): void;
  resetCounters(): void;
  teachOrigin(start: number, end: number, shape: number, id: number): void;
  teachKey(start: number, end: number, id: number): void;
  forgetTaken(): void;
  nextTemplate(): number;
  teachTemplate(): void;
  originInJson(at: number): number;
  bindKey(id: number, cell: number): void;
  bindRoute(origin: number, key: number, route: number, source: number, stream: number): void;
  sumUsual(start: number, count: number, slowMs: number): number;
  lastCounting(start: number, count: number, wanted: number): number;
  setPreviousTime(time: number): void;
  scan(start: number, end: number): number;
  beginSeen(pages: number): void;
  forgetTracks(): void;
  forgetLives(): void;
  mark(start: number, count: number): void;
  pageOf(track: number, bucket: number, block: number): number;
  latestOf(track: number): number;
  lifeNumberOf(track: number): number;
  continueLife(track: number, latest: number, life: number): void;
}

/** The compiled code, which is the same for every instance in the process: compiling takes longer than a small log. */
let compiled: WebAssembly.Module | undefined;

/** A memory that instances share. What is not used of it is never touched. */
export function scannerMemory(): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: 1 });
}

/** An instance on this memory; what it is not asked to do it does not import. */
export function instantiateScanner(memory: WebAssembly.Memory, imports: Partial<ScannerImports>): ScannerExports {
  compiled ??= new WebAssembly.Module(Buffer.from(SCANNER_WASM_BASE64, 'base64'));
  const nothing = () => 0;
  const all = { resolveLocalTime: nothing, plainLine: nothing, trackOf: nothing, isKnownExactly: nothing };
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory }, index: { ...all, ...imports } });
  // The module is compiled from assembly/index.ts in the same build; WebAssembly itself does not say what it exports.
  const scanner = exports as unknown as ScannerExports;
  scanner.initialize();
  return scanner;
}
