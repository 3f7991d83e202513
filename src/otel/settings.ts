/** Where to send, and how: what the exporter needs to know, checked. */

export const PROTOCOLS = ['http/protobuf', 'http/json', 'grpc'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** PEM texts. */
export interface TlsFiles {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

export interface SignalSettings {
  readonly protocol: Protocol;
  /** Of the signal: with /v1/traces or /v1/metrics over HTTP. */
  readonly url: URL;
  readonly headers: ReadonlyMap<string, string>;
  readonly gzip: boolean;
  /** For one request and its answer. */
  readonly timeoutMs: number;
  readonly tls: TlsFiles;
  readonly userAgent: string;
}
