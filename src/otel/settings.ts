/** Checked settings of the exporter: endpoints, protocols, TLS, headers. */

export const PROTOCOLS = ['http/protobuf', 'http/json', 'grpc'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** Texts in PEM. */
export interface TlsFiles {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

export interface SignalSettings {
  readonly protocol: Protocol;
  /** The URL of the signal: with /v1/traces or /v1/metrics over HTTP. */
  readonly url: URL;
  readonly headers: ReadonlyMap<string, string>;
  readonly gzip: boolean;
  /** The limit for one request and its answer. */
  readonly timeoutMs: number;
  readonly tls: TlsFiles;
  readonly userAgent: string;
}
