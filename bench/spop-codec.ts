/**
 * How many NOTIFY frames one process decodes: node --import tsx bench/spop-codec.ts [seconds]
 *
 * Frames of some 430 bytes like those of a browser's GET, 64 KiB chunks as a socket gives them. Each is split off, its
 * header and message are read, the five arguments are used as the mirror uses them, and an ACK is written.
 */

import { writeAck } from '../src/spop/ack.ts';
import type { ByteReader } from '../src/spop/byte-reader.ts';
import { ByteWriter } from '../src/spop/byte-writer.ts';
import { readFrameHeader } from '../src/spop/frame-header.ts';
import { FrameReader } from '../src/spop/frame-reader.ts';
import { readHeadersBin } from '../src/spop/headers-bin.ts';
import type { KvList } from '../src/spop/kv-list.ts';
import { readNotify, writeNotify } from '../src/spop/notify.ts';
import type { TypedData } from '../src/spop/typed-data.ts';
import { taken } from './agent/frames.ts';
import { mirrorMessage } from './mirror-message.ts';

const SECONDS = Number(process.argv[2] ?? 2);
const CHUNK_BYTES = 64 * 1024;

function makeFrame(streamId: number): Buffer {
  const message = mirrorMessage(String(streamId).padStart(8, '0'));
  return taken((writer) => writeNotify(writer, streamId, 1, [message]));
}

function makeChunks() {
  const frames = Array.from({ length: 20_000 }, (_, i) => makeFrame(i + 10_000));
  const stream = Buffer.concat(frames);
  const chunks: Buffer[] = [];
  for (let at = 0; at < stream.length; at += CHUNK_BYTES) chunks.push(stream.subarray(at, at + CHUNK_BYTES));
  return { chunks, frames: frames.length, bytes: stream.length / frames.length };
}

/** The argument of the one message; the frames here have all that are asked for. */
function argument(args: KvList, name: string): TypedData {
  const data = args.get(name);
  if (data === undefined) throw new Error(`no ${name} in the frame`);
  return data;
}

function readMessage(frame: ByteReader): KvList {
  const [message] = readNotify(frame);
  if (message === undefined) throw new Error('no message in the frame');
  return message.args;
}

/** As much as the mirror uses of them. */
function readArguments(args: KvList): number {
  const list = argument(args, 'arg_hdrs');
  const headers = readHeadersBin(list.source, list.start, list.end);
  const [method = '', path = ''] = [argument(args, 'arg_method').token, argument(args, 'arg_path').text];
  return method.length + path.length + headers.length;
}

/** Each takes a frame and gives a number that depends on what it has read. */
const STEPS: Readonly<Record<string, (frame: ByteReader) => number>> = {
  'split, header': (frame) => Number(readFrameHeader(frame).streamId),
  '+ message': (frame) => {
    readFrameHeader(frame);
    return readMessage(frame).length;
  },
  '+ method, path, headers': (frame) => {
    readFrameHeader(frame);
    return readArguments(readMessage(frame));
  },
  '+ ACK': (frame) => {
    const { streamId, frameId } = readFrameHeader(frame);
    const used = readArguments(readMessage(frame));
    writeAck(acks, streamId, frameId);
    return used;
  },
};
const acks = new ByteWriter();
const { chunks, frames, bytes } = makeChunks();
let used = 0;

function measure(step: (frame: ByteReader) => number, seconds: number) {
  let rounds = 0;
  const begin = process.hrtime.bigint();
  const cpu = process.cpuUsage();
  while (Number(process.hrtime.bigint() - begin) < seconds * 1e9) {
    const reader = new FrameReader(16380, (frame) => {
      used += step(frame);
    });
    for (const chunk of chunks) {
      reader.push(chunk);
      used += acks.take().length;
    }
    rounds++;
  }
  const { user, system } = process.cpuUsage(cpu);
  const total = rounds * frames;
  return { perSecond: total / (Number(process.hrtime.bigint() - begin) / 1e9), cpuUs: (user + system) / total };
}

console.log(`NOTIFY of ${bytes} bytes, Node ${process.versions.node}`);
for (const [name, step] of Object.entries(STEPS)) {
  measure(step, SECONDS / 4);
  const { perSecond, cpuUs } = measure(step, SECONDS);
  console.log(
    `${name.padEnd(24)} ${String(Math.round(perSecond)).padStart(9)} frames/s  ${cpuUs.toFixed(2)} us CPU a frame`,
  );
}
if (used === 0) throw new Error('nothing was read');
