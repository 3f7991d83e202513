/** The two frames that open a connection. Neither is fragmented, both have stream-id and frame-id 0. */
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { invalidFrame, SpopError, SpopStatus } from './errors.ts';
import { connectionHeader, type FrameHeader, FrameType, requireConnectionFrame, writeFrame } from './frame-header.ts';
import { KvList, readKvList, writeKvList } from './kv-list.ts';
import { DataType, type TypedData } from './typed-data.ts';
import { booleanData, stringData, uint32Data } from './values.ts';

export interface HaproxyHello {
  /** Versions such as `2.0`: a major version stands for its lower minor ones too. */
  readonly supportedVersions: readonly string[];
  /** Bytes of a frame without its length. */
  readonly maxFrameSize: number;
  readonly capabilities: readonly string[];
  /** A health check (`option spop-check`): the agent answers and closes. */
  readonly healthcheck: boolean;
  readonly engineId?: string;
}

export interface AgentHello {
  readonly version: string;
  readonly maxFrameSize: number;
  readonly capabilities: readonly string[];
}

/**
 * HAPROXY-HELLO: doc/SPOE.txt, section 3.2.4.
 *
 *     KV-LIST : "supported-versions" <STRING>  "max-frame-size" <UINT32>  "capabilities" <STRING>
 *               [ "healthcheck" <BOOLEAN> ]  [ "engine-id" <STRING> ]
 *
 * Lists are separated by commas, spaces do not count, other items are skipped.
 * @throws SpopError 5, 6 or 7 for an item that is missing, 4 for one of a wrong type, 10 for a fragment
 */
export function readHaproxyHello(header: FrameHeader, payload: ByteReader): HaproxyHello {
  requireConnectionFrame(header, 'HAPROXY-HELLO');
  const items = readKvList(payload);
  const healthcheck = items.get('healthcheck');
  if (healthcheck !== undefined && healthcheck.type !== DataType.boolean) throw wrongType('healthcheck');
  const engineId = items.get('engine-id');
  return {
    supportedVersions: splitList(requireText(items, 'supported-versions', SpopStatus.versionNotFound)),
    maxFrameSize: requireSize(items),
    capabilities: splitList(requireText(items, 'capabilities', SpopStatus.capabilitiesNotFound)),
    healthcheck: healthcheck?.scalar === true,
    ...(engineId === undefined ? {} : { engineId: textOf(engineId, 'engine-id') }),
  };
}

export function writeHaproxyHello(writer: ByteWriter, hello: HaproxyHello): void {
  const items: [string, TypedData][] = [
    ['supported-versions', stringData(hello.supportedVersions.join(','))],
    ['max-frame-size', uint32Data(hello.maxFrameSize)],
    ['capabilities', stringData(hello.capabilities.join(','))],
  ];
  if (hello.healthcheck) items.push(['healthcheck', booleanData(true)]);
  if (hello.engineId !== undefined) items.push(['engine-id', stringData(Buffer.from(hello.engineId, 'latin1'))]);
  writeFrame(writer, connectionHeader(FrameType.haproxyHello), writeKvList, KvList.of(items));
}

/**
 * AGENT-HELLO: doc/SPOE.txt, section 3.2.5.
 *
 *     KV-LIST : "version" <STRING>  "max-frame-size" <UINT32>  "capabilities" <STRING>
 *
 * @throws SpopError 5, 6 or 7 for an item that is missing, 4 for one of a wrong type, 10 for a fragment
 */
export function readAgentHello(header: FrameHeader, payload: ByteReader): AgentHello {
  requireConnectionFrame(header, 'AGENT-HELLO');
  const items = readKvList(payload);
  return {
    version: requireText(items, 'version', SpopStatus.versionNotFound).trim(),
    maxFrameSize: requireSize(items),
    capabilities: splitList(requireText(items, 'capabilities', SpopStatus.capabilitiesNotFound)),
  };
}

export function writeAgentHello(writer: ByteWriter, hello: AgentHello): void {
  const items = KvList.of([
    ['version', stringData(hello.version)],
    ['max-frame-size', uint32Data(hello.maxFrameSize)],
    ['capabilities', stringData(hello.capabilities.join(','))],
  ]);
  writeFrame(writer, connectionHeader(FrameType.agentHello), writeKvList, items);
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function requireText(items: KvList, key: string, code: SpopStatus): string {
  const item = items.get(key);
  if (item === undefined) throw new SpopError(code, `HELLO has no ${key}`);
  return textOf(item, key);
}

function textOf(item: TypedData, key: string): string {
  if (item.type !== DataType.string) throw wrongType(key);
  return item.text ?? '';
}

/** Any integer type will do, as it does for HAProxy; whether the size itself will, is for the negotiation to say. */
function requireSize(items: KvList): number {
  const item = items.get('max-frame-size');
  if (item === undefined) throw new SpopError(SpopStatus.maxFrameSizeNotFound, 'HELLO has no max-frame-size');
  const { scalar } = item;
  if (typeof scalar !== 'number' && typeof scalar !== 'bigint') throw wrongType('max-frame-size');
  if (typeof scalar === 'bigint' || scalar < 0 || scalar > 2 ** 32 - 1) {
    throw new SpopError(SpopStatus.badMaxFrameSize, `max-frame-size ${scalar} is not a 32-bit size`);
  }
  return scalar;
}

function wrongType(key: string): SpopError {
  return invalidFrame(`${key} of HELLO has the wrong type`);
}
