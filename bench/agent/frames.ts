/** What the load generator sends: HELLO and DISCONNECT as HAProxy does, and one NOTIFY to copy and patch. */
import { ByteWriter } from '../../src/spop/byte-writer.ts';
import { writeHaproxyDisconnect } from '../../src/spop/disconnect.ts';
import { writeHaproxyHello } from '../../src/spop/hello.ts';
import { writeNotify } from '../../src/spop/notify.ts';
import { mirrorMessage } from '../mirror-message.ts';

const NUMBER = '00000000';
/** The smallest stream-id whose varint takes 4 bytes, and how many there are at least from it on. */
const FIRST_STREAM_ID = 264_432;
const STREAM_IDS = 2 ** 24;
/** Length, type and flags come before the stream-id. */
const STREAM_ID_AT = 9;

/** The bytes of the frames that `write` writes. */
export function taken(write: (writer: ByteWriter) => void): Buffer {
  const writer = new ByteWriter();
  write(writer);
  return Buffer.from(writer.take());
}

export function helloFrame(engineId: string): Buffer {
  return taken((writer) =>
    writeHaproxyHello(writer, {
      supportedVersions: ['2.0'],
      maxFrameSize: 16_380,
      capabilities: ['pipelining', 'async'],
      healthcheck: false,
      engineId,
    }),
  );
}

export function disconnectFrame(): Buffer {
  return taken((writer) => writeHaproxyDisconnect(writer, { statusCode: 0, message: 'normal' }));
}

const template = taken((writer) => writeNotify(writer, FIRST_STREAM_ID, 1, [mirrorMessage(NUMBER)]));
const numberAt = template.indexOf(NUMBER);

export const NOTIFY_BYTES = template.length;

/** The NOTIFY frames with these numbers, behind one another; the number is in the stream-id and in the path. */
export function notifyFrames(numbers: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(numbers.length * NOTIFY_BYTES);
  for (const [i, number] of numbers.entries()) {
    const start = i * NOTIFY_BYTES;
    template.copy(bytes, start);
    patchStreamId(bytes, start + STREAM_ID_AT, FIRST_STREAM_ID + (number % STREAM_IDS));
    let rest = number;
    for (let at = start + numberAt + NUMBER.length - 1; rest > 0; at--) {
      bytes[at] = 48 + (rest % 10);
      rest = Math.floor(rest / 10);
    }
  }
  return bytes;
}

/** A varint of 4 bytes: SPOE.txt, section 3.1. */
function patchStreamId(bytes: Buffer, at: number, streamId: number): void {
  let rest = (streamId - 240) >> 4;
  bytes[at] = (streamId | 240) & 255;
  bytes[at + 1] = (rest | 128) & 255;
  rest = (rest - 128) >> 7;
  bytes[at + 2] = (rest | 128) & 255;
  bytes[at + 3] = (rest - 128) >> 7;
}

/** The number of the NOTIFY that this ACK is for, modulo 2^24; `at` is where the frame's type is. */
export function acknowledgedNumber(bytes: Buffer, at: number): number {
  const i = at + STREAM_ID_AT - 4;
  const [first, second] = [bytes[i] as number, bytes[i + 1] as number];
  const [third, last] = [bytes[i + 2] as number, bytes[i + 3] as number];
  return first + (second << 4) + (third << 11) + (last << 18) - FIRST_STREAM_ID;
}
