/**
 * Whose spans these are: the HAProxy process that wrote the line. Nothing of the machine or user that runs the export
 * goes in.
 */
import type { Origin } from '../logs/names.ts';
import { Resource } from './attribute-names.ts';
import type { Attribute } from './span-writer.ts';

/** The service of a line that names no process. */
const DEFAULT_SERVICE = 'haproxy';

export interface ResourceOptions {
  /** OTEL_SERVICE_NAME: stands for every process tag. */
  readonly serviceName?: string;
  /** OTEL_RESOURCE_ATTRIBUTES: what the line does not say. */
  readonly attributes: ReadonlyMap<string, string>;
}

export function resourceAttributes(origin: Origin | undefined, options: ResourceOptions): Attribute[] {
  const attributes = new Map(options.attributes);
  const { host, process, pid } = origin ?? {};
  const instance = [host, pid].filter((part) => part !== undefined).join(':');
  const service = options.serviceName ?? attributes.get(Resource.serviceName) ?? process ?? DEFAULT_SERVICE;
  const own: readonly (readonly [string, string | undefined])[] = [
    [Resource.serviceName, service],
    [Resource.serviceInstanceId, instance === '' ? undefined : instance],
    [Resource.hostName, host],
  ];
  const texts = own.flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const]));
  for (const [name] of texts) attributes.delete(name);
  return [...texts, ...attributes].map(([name, text]) => [name, { text }]);
}
