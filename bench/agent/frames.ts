/** What the load generator sends: HELLO and DISCONNECT as HAProxy does, and NOTIFYs to copy and patch. */
import { ByteWriter } from '../../src/spop/byte-writer.ts';
import { writeHaproxyDisconnect } from '../../src/spop/disconnect.ts';
import { writeHaproxyHello } from '../../src/spop/hello.ts';
import { KvList, writeShortString } from '../../src/spop/kv-list.ts';
import type { Message } from '../../src/spop/messages.ts';
import { writeNotify } from '../../src/spop/notify.ts';
import { binaryData, int64Data, stringData } from '../../src/spop/values.ts';
import { mirrorMessage } from '../mirror-message.ts';
import { fieldsOf, jsonBody } from './json-body.ts';

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

/** A unique id as long as HAProxy's. */
const UNIQUE_ID = `7F000001:ED7E_7F000001:1F90_6B0795E0_${NUMBER}:0ABC`;

/** A NOTIFY frame whose number is in its stream-id, and another one, in eight digits, in its texts. */
export class NotifyTemplate {
  readonly #bytes: Buffer;
  readonly #digitsAt: readonly number[];

  constructor(message: Message) {
    this.#bytes = taken((writer) => writeNotify(writer, FIRST_STREAM_ID, 1, [message]));
    const found: number[] = [];
    for (let at = this.#bytes.indexOf(NUMBER); at >= 0; at = this.#bytes.indexOf(NUMBER, at + 1)) found.push(at);
    this.#digitsAt = found;
  }

  get length(): number {
    return this.#bytes.length;
  }

  /** The frames with these numbers, behind one another. */
  frames(numbers: readonly number[], digits: readonly number[] = numbers): Buffer {
    const bytes = Buffer.allocUnsafe(numbers.length * this.length);
    for (const [i, number] of numbers.entries()) {
      const start = i * this.length;
      this.#bytes.copy(bytes, start);
      patchStreamId(bytes, start + STREAM_ID_AT, FIRST_STREAM_ID + (number % STREAM_IDS));
      for (const at of this.#digitsAt) patchDigits(bytes, start + at, digits[i] as number);
    }
    return bytes;
  }
}

/** A request. @param withId whether it has a unique id */
export function requestTemplate(withId: boolean): NotifyTemplate {
  return new NotifyTemplate(mirrorMessage(NUMBER, withId ? UNIQUE_ID : undefined));
}

/** Production's answer to the request of that number, as event on-http-response tells it. */
export function answerTemplate(bodyBytes: number): NotifyTemplate {
  const body = jsonBody(bodyBytes);
  const writer = new ByteWriter();
  for (const text of [...fieldsOf(body).flat(), '', '']) writeShortString(writer, text);
  const args = KvList.of([
    ['arg_uid', stringData(UNIQUE_ID)],
    ['arg_status', int64Data(200)],
    ['arg_hdrs', binaryData(writer.take())],
    ['arg_body', binaryData(body)],
    ['arg_body_size', int64Data(body.length)],
  ]);
  return new NotifyTemplate({ name: 'answer-body', args });
}

function patchDigits(bytes: Buffer, start: number, number: number): void {
  let rest = number;
  for (let at = start + NUMBER.length - 1; rest > 0; at--) {
    bytes[at] = 48 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
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
