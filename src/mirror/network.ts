import type { LookupFunction } from 'node:net';
import { networkInterfaces } from 'node:os';
import { isTlsCode } from '../text/tls-code.ts';
import { Addresses } from './addresses.ts';
import { MirrorError } from './errors.ts';
import type { Settings } from './options.ts';
import type { ConnectCode, OutcomeCode } from './record.ts';

/** From which address and port a connection is made, and how the name of its other end is looked up there. */
export interface LocalEnd {
  readonly lookup: LookupFunction;
  readonly localAddress?: string;
  readonly localPort?: number;
}

/** Gives each connection its local end: the address of an interface, ports of a range in turn. */
export class LocalEnds {
  /** The most connections that may be open at once. */
  readonly connections: number;
  readonly #address: string | undefined;
  readonly #lookup: LookupFunction;
  readonly #ports: readonly [from: number, to: number] | undefined;
  #next: number;
  /** Attempts in a row that failed for want of a port. */
  #failures = 0;

  /** @throws MirrorError for an interface without an address, or a range that is none */
  constructor({
    localAddress,
    localPorts,
    connections,
  }: Pick<Settings, 'localAddress' | 'localPorts' | 'connections'>) {
    this.#address = localAddress === undefined ? undefined : resolveAddress(localAddress);
    this.#lookup = new Addresses(this.#address).lookup;
    this.#ports = localPorts;
    this.#next = localPorts?.[0] ?? 0;
    if (localPorts !== undefined && !isRange(localPorts))
      throw new MirrorError(`${localPorts.join('-')} is not a range of ports`);
    this.connections = localPorts === undefined ? connections : Math.min(connections, this.#choices);
  }

  /** The number of different local ends there are to try. */
  get #choices(): number {
    return this.#ports === undefined ? 1 : this.#ports[1] - this.#ports[0] + 1;
  }

  /** Whether to try again at once: a port in use says nothing about the mirror, and the next one of the range may be free. */
  mayTryNext(code: ConnectCode): boolean {
    if (code === 'local-address' && ++this.#failures < this.#choices) return true;
    this.#failures = 0;
    return false;
  }

  /** Called when a connection was made. */
  succeeded(): void {
    this.#failures = 0;
  }

  next(): LocalEnd {
    const local = { lookup: this.#lookup, ...(this.#address !== undefined && { localAddress: this.#address }) };
    if (this.#ports === undefined) return local;
    const localPort = this.#next;
    this.#next = localPort >= this.#ports[1] ? this.#ports[0] : localPort + 1;
    return { ...local, localPort };
  }
}

function isRange([from, to]: readonly [number, number]): boolean {
  return Number.isInteger(from) && Number.isInteger(to) && from >= 1 && from <= to && to <= 65535;
}

/** The name of an interface stands for its first address, an IPv4 one if it has any. */
function resolveAddress(text: string): string {
  const found = networkInterfaces()[text];
  if (found === undefined) {
    if (/^[\d.]+$|:/.test(text)) return text;
    throw new MirrorError(`${JSON.stringify(text)} is neither an address nor an interface of this machine`);
  }
  const chosen = found.find(({ family }) => family === 'IPv4') ?? found[0];
  if (chosen === undefined) throw new MirrorError(`the interface ${text} has no address`);
  return chosen.address;
}

const CONNECT_CODES: { readonly [code: string]: ConnectCode } = {
  ECONNREFUSED: 'connect-refused',
  ECONNRESET: 'connect-refused',
  ETIMEDOUT: 'connect-timeout',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EAI_FAIL: 'dns',
  EAI_NODATA: 'dns',
  EAI_NONAME: 'dns',
  EADDRNOTAVAIL: 'local-address',
  EADDRINUSE: 'local-address',
  PROXY_REFUSED: 'proxy',
};

/** The code of an error; where several addresses were tried, that of the first error. */
function systemCode(error: unknown): string {
  const { code, errors } = error as { code?: unknown; errors?: unknown };
  if (typeof code === 'string') return code;
  return Array.isArray(errors) && errors.length > 0 ? systemCode(errors[0]) : '';
}

/** The code of a TLS error; undefined for an error of something else. */
export function tlsCodeOf(error: unknown): string | undefined {
  const code = systemCode(error);
  return isTlsCode(code) ? code : undefined;
}

/** The outcome code of a connection that could not be made. */
export function connectCode(error: unknown): ConnectCode {
  const code = systemCode(error);
  return CONNECT_CODES[code] ?? (tlsCodeOf(error) === undefined ? 'unreachable' : 'tls');
}

/** The outcome code of a connection that was made and ended. */
export function brokenCode(error: unknown): OutcomeCode {
  return tlsCodeOf(error) === undefined ? 'reset' : 'tls';
}
