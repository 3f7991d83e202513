/** With answers, clients see what they saw without: every odd answer goes through HAProxies with and without them. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { reservePort } from '../ports.ts';
import { untilTrue } from '../until.ts';
import { AgentProcess, type AgentRecord, readRecords } from './agent.ts';
import {
  type AgentPorts,
  AgentStandIn,
  AnsweringHaproxies,
  type Heard,
  startMute,
  VARIANTS,
  type Variant,
} from './answering.ts';
import { missing, SERIES, type Series } from './haproxy.ts';
import { type Ask, JSON_TYPE, ODD_ANSWERS, type OddAnswer, whole } from './odd-answers.ts';
import { RawClient } from './raw-client.ts';
import { RecordingServer } from './recorder.ts';

/** Those with an agent. */
const ANSWERING = ['event', 'wait'] as const;

type Answers = { readonly [name: string]: string };

/** The server and the HAProxies before it. */
class Answering {
  readonly haproxies: AnsweringHaproxies;
  readonly #asking: Map<string, { odd: OddAnswer; client: RawClient }>;

  static async set(t: TestContext, series: Series, agentPorts: AgentPorts, areAgentsWell: boolean): Promise<Answering> {
    const server = await RecordingServer.start(t);
    const asking = new Map<string, { odd: OddAnswer; client: RawClient }>();
    server.behaviour = (request, socket) => {
      const id = request.headers.find(([name]) => name === 'x-case')?.[1] ?? '';
      const found = asking.get(id);
      if (found !== undefined) void found.odd.serve({ request, socket, client: found.client });
      else socket.write(whole('200 OK', JSON_TYPE, echoOf(request.target)));
    };
    return new Answering(
      await AnsweringHaproxies.start(t, series, { serverPort: server.port, agentPorts, areAgentsWell }),
      asking,
    );
  }

  private constructor(haproxies: AnsweringHaproxies, asking: Map<string, { odd: OddAnswer; client: RawClient }>) {
    this.haproxies = haproxies;
    this.#asking = asking;
  }

  /** Sends the request: its client, who has got nothing yet. */
  async begin(variant: Variant, odd: OddAnswer): Promise<RawClient> {
    const id = `${variant} ${odd.name}`;
    const client = await RawClient.open(this.haproxies.of(variant).frontPort);
    this.#asking.set(id, { odd, client });
    const ask = asker(odd.path, id);
    client.send(odd.request?.(ask) ?? ask());
    void odd.client?.(client, ask);
    return client;
  }

  /** Every one of these through this HAProxy, all at once: all that each client got until its connection was closed. */
  async ask(variant: Variant, odds: readonly OddAnswer[]): Promise<Answers> {
    const answers = await Promise.all(
      odds.map(async (odd) => {
        const client = await this.begin(variant, odd);
        await client.over();
        return [odd.name, odd.comparable?.(client.text) ?? client.text];
      }),
    );
    return Object.fromEntries(answers);
  }
}

function asker(path: string, id: string): Ask {
  return ({ method = 'GET', version = 'HTTP/1.1', query = '', headers = [], body = '', stays = false } = {}) => {
    const lines = ['host: shop.example', `x-case: ${id}`, ...(stays ? [] : ['connection: close']), ...headers];
    return `${method} ${path}${query} ${version}\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
  };
}

/** Agents that do as they should, one for each HAProxy that has one. */
async function setAnswering(t: TestContext, series: Series, areAgentsWell = true) {
  const ports = { none: await reservePort(), event: await reservePort(), wait: await reservePort() };
  const agents = { event: await AgentStandIn.start(t, ports.event), wait: await AgentStandIn.start(t, ports.wait) };
  return { ports, agents, answering: await Answering.set(t, series, ports, areAgentsWell) };
}

/** Whether a client of this version may get nothing in the place of what there was of an answer. */
function mayVanish({ mayVanish: where }: OddAnswer, variant: Variant, series: Series): boolean {
  return series !== '2.6' && (where === 'both' || where === variant);
}

/** What the server says of a path that is no odd one's. */
function echoOf(path: string): string {
  return JSON.stringify({ to: path });
}

/** Bodies of as many requests at once, on one connection. */
async function askHttp2(port: number, paths: readonly string[]): Promise<string[]> {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  try {
    return await Promise.all(
      paths.map((path) =>
        session
          .request({ ':path': path })
          .setEncoding('utf8')
          .toArray()
          .then((parts) => parts.join('')),
      ),
    );
  } finally {
    session.close();
  }
}

/** What clients see while an agent does what it should not: all kinds, and quick ones. */
const FEW = ODD_ANSWERS.filter(({ path }) =>
  ['/json', '/40000', '/chunked', '/events', '/head', '/304', '/500', '/pipelined', '/returned'].includes(path),
);

/** One client leaves before the answer, one in the middle of it, until HAProxy has closed both connections to the server. */
async function leaveTwice(answering: Answering, variant: Variant): Promise<void> {
  const asked = new Set<string>();
  const closed = new Set<string>();
  const hangs = (name: string, sent: string): OddAnswer => ({
    name,
    path: `/${name}`,
    heard: '',
    serve: ({ socket }) => {
      asked.add(name);
      socket.on('close', () => closed.add(name));
      socket.write(sent);
    },
  });
  const before = await answering.begin(variant, hangs('before', ''));
  await untilTrue(() => asked.has('before'));
  before.leave();
  const page = whole('200 OK', 'text/html', 'half of it').replace('content-length: 10', 'content-length: 20');
  const within = await answering.begin(variant, hangs('within', page));
  assert.ok(await within.sees('half of it'));
  within.leave();
  await untilTrue(() => closed.size === 2);
}

const TIME = { timeout: 300_000 };

/** In one series after another it would take three times as long: most of it is waiting. */
describe('production with answers', { concurrency: true }, () => {
  for (const series of SERIES)
    describe(`HAProxy ${series}`, { skip: missing(series), concurrency: 1 }, () => testSeries(series));
});

function testSeries(series: Series): void {
  test('clients see no difference, and the agent hears what was answered', TIME, async (t) => {
    const { answering, agents } = await setAnswering(t, series);
    const all = VARIANTS.map(async (variant) => [variant, await answering.ask(variant, ODD_ANSWERS)]);
    const seen: { readonly [variant in Variant]: Answers } = Object.fromEntries(await Promise.all(all));
    for (const variant of ANSWERING) {
      for (const odd of ODD_ANSWERS) {
        const what = `${variant}: ${odd.name}`;
        const [expected = '', got = ''] = [seen.none[odd.name], seen[variant][odd.name]];
        assert.match(expected, /^HTTP\/1/, what);
        if (variant === 'wait' && odd.breaksWaiting) assert.match(got, /^HTTP\/1.1 504 /, what);
        else if (got !== '' || !mayVanish(odd, variant, series)) assert.equal(got, expected, what);
        assertHeard(odd, variant, agents[variant].heard, got === '');
      }
    }
  });

  test('streams of an HTTP/2 client have an answer each', TIME, async (t) => {
    const { answering, agents } = await setAnswering(t, series);
    const paths = Array.from({ length: 20 }, (_, i) => `/stream/${i}`);
    for (const variant of VARIANTS) {
      assert.deepEqual(await askHttp2(answering.haproxies.of(variant).http2Port, paths), paths.map(echoOf), variant);
    }
    for (const variant of ANSWERING) {
      const { heard } = agents[variant];
      assert.deepEqual(heard.map(({ path }) => path).toSorted(), paths.toSorted(), variant);
      for (const { path, body } of heard)
        assert.ok(body === echoOf(path) || (variant === 'event' && body === ''), path);
    }
  });

  test('a client that leaves takes nobody with it', TIME, async (t) => {
    const { answering } = await setAnswering(t, series);
    await Promise.all(
      VARIANTS.map(async (variant) => {
        await leaveTwice(answering, variant);
        const [answer] = await askHttp2(answering.haproxies.of(variant).http2Port, ['/after']);
        assert.equal(answer, echoOf('/after'), variant);
      }),
    );
  });

  test('the record has what production answered, and whether its body is known', TIME, async (t) => {
    const mirror = await RecordingServer.start(t);
    const folder = mkdtempSync(join(tmpdir(), 'spoe-logs-answers-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const ports = { none: await reservePort(), event: await reservePort(), wait: await reservePort() };
    const agents = ANSWERING.map((variant) => {
      mkdirSync(join(folder, variant));
      const address = ['-a', '127.0.0.1', '-p', `${ports[variant]}`, '-u', `http://127.0.0.1:${mirror.port}/`];
      return new AgentProcess(join(folder, variant), [...address, '-c', 'pipelining', '--answers', 'body']);
    });
    t.after(() => Promise.all(agents.map((agent) => agent.stop())));
    for (const agent of agents) await agent.ready();
    const answering = await Answering.set(t, series, ports, true);
    const odds = ODD_ANSWERS.filter((odd) => !isSilent(odd));
    await Promise.all(ANSWERING.map((variant) => answering.ask(variant, odds)));
    await Promise.all(agents.map((agent) => agent.stop()));
    for (const variant of ANSWERING) {
      const records = readAnswers(join(folder, variant));
      for (const odd of odds) assertRecorded(odd, variant, records, mayVanish(odd, variant, series));
    }
  });

  test('an agent that fails costs time, and no answer', TIME, async (t) => {
    const { answering, agents, ports } = await setAnswering(t, series, false);
    const expected = await answering.ask('none', FEW);
    const assertSame = async (what: string) => {
      const seen = await Promise.all(ANSWERING.map((variant) => answering.ask(variant, FEW)));
      for (const each of seen) assert.deepEqual(each, expected, what);
    };
    await assertSame('all is well');
    const before = agents.event.heard.length;
    for (const agent of Object.values(agents)) agent.manners = { request: 'never', answer: 'ack' };
    await assertSame('requests are not acknowledged');
    assert.equal(agents.event.heard.length, before, 'no answer follows a request that was not acknowledged');
    for (const agent of Object.values(agents)) agent.manners = { request: 'ack', answer: 'never' };
    await assertSame('answers are not acknowledged');
    assert.ok(agents.event.heard.length > before);
    for (const agent of Object.values(agents)) await agent.stop();
    await assertSame('nobody listens');
    for (const variant of ANSWERING) await startMute(t, ports[variant]);
    await assertSame('connections are accepted, and nothing is said');
  });
}

/** @param isGone the client got nothing */
function assertHeard(odd: OddAnswer, variant: 'event' | 'wait', all: readonly Heard[], isGone: boolean): void {
  const { name, path, heard: byEvent, heardByRules = byEvent } = odd;
  const what = `${variant}: ${name}`;
  const heard = all.filter((each) => each.path === path);
  const messages = heard.map(({ message, status }) => `${message} ${status}`).join(', ');
  if (messages !== '' || !isGone) assert.equal(messages, variant === 'wait' ? heardByRules : byEvent, what);
  for (const { message, body, size } of heard) {
    if (message === 'head') assert.equal(body, undefined, what);
    // One that is waited for is whole.
    else if (variant === 'wait') assert.equal(body?.length, size, what);
    else assert.ok(body !== undefined && body.length <= size, what);
  }
}

/** Answers that end when the server has been silent for long enough. */
function isSilent({ path }: OddAnswer): boolean {
  return ['/silent', '/half', '/half-page', '/later'].includes(path);
}

/** A line about production's answer, with the path of its request, without query. */
interface ProductionAnswer {
  readonly path: string;
  readonly message: string;
  readonly answer: RecordedAnswer;
}

interface RecordedAnswer {
  readonly status: number;
  readonly body: { readonly state: string; readonly bytes: number; readonly length: number | null };
}

type AnswerLine = AgentRecord & { readonly kind?: string; readonly answer?: RecordedAnswer };

/** Joined by unique id, as lines of both kinds come in any order. */
function readAnswers(folder: string): ProductionAnswer[] {
  const lines = readRecords(folder) as readonly AnswerLine[];
  const mirrored = lines.filter(({ kind }) => kind !== 'production');
  for (const { method, answer } of mirrored)
    assert.deepEqual([answer?.status, answer?.body.state], [200, method === 'HEAD' ? 'none' : 'whole']);
  const paths = new Map(mirrored.map((line) => [line.unique_id, line.path.replace(/\?.*/, '')]));
  return lines.flatMap(({ kind, message, unique_id, answer }) =>
    kind === 'production' && answer !== undefined ? [{ message, answer, path: paths.get(unique_id) ?? '' }] : [],
  );
}

function assertRecorded(
  odd: OddAnswer,
  variant: 'event' | 'wait',
  all: readonly ProductionAnswer[],
  mayMiss: boolean,
): void {
  const { name, path, heard, heardByRules = heard } = odd;
  const what = `${variant}: ${name}`;
  const own = all.filter((each) => each.path === path);
  const messages = own.map(({ message, answer }) => `${message.replace('answer-', '')} ${answer.status}`).join(', ');
  if (messages !== '' || !mayMiss) assert.equal(messages, variant === 'wait' ? heardByRules : heard, what);
  for (const { message, answer } of own) {
    const { state, bytes, length } = answer.body;
    const known = variant === 'wait' ? ['whole', 'none'] : ['whole', 'none', 'later'];
    assert.ok((message === 'answer-head' ? ['unasked', 'none'] : known).includes(state), `${what}: ${state}`);
    if (state === 'whole') assert.equal(bytes, length, what);
  }
}
