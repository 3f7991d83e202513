/**
 * HAProxy's clients, in a process of their own: keep-alive connections with one request on its way on each.
 *
 *   node --import tsx bench/agent/http-load.ts --port PORT [--rate 1000] [--seconds 10] [--warm-up 2] [--connections 50]
 *
 * With a rate the loop is open: a request is sent when it is due, on a connection that is free, and its latency counts
 * from that moment, also where none was free. Without one every connection always has a request on its way.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Latencies } from './latencies.ts';
import { type ClientFigures, report } from './messages.ts';

const DRAIN_MS = 10_000;
const REQUEST_END = [
  ' HTTP/1.1',
  'Host: www.example.com',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'Accept-Language: en-US,en;q=0.5',
  'Cookie: session=0123456789abcdef0123456789abcdef; theme=dark',
  '',
  '',
].join('\r\n');

interface Client {
  readonly socket: Socket;
  /** 0 when nothing is on its way. */
  dueMs: number;
  rest: string;
  answered: boolean;
}

interface Phase {
  closedLoop: boolean;
  answered: number;
  errors: number;
  repeated: number;
  readonly latencies: Latencies;
}

class Clients {
  readonly #port: number;
  readonly #idle: Client[] = [];
  /** When each request that waits for a connection was due. */
  readonly #waiting: number[] = [];
  #number = 0;
  #phase: Phase | undefined;

  constructor(port: number, connections: number) {
    this.#port = port;
    for (let i = 0; i < connections; i++) this.#open();
  }

  #open(): void {
    const client: Client = {
      socket: connect({ port: this.#port, host: '127.0.0.1', noDelay: true }),
      dueMs: 0,
      rest: '',
      answered: false,
    };
    client.socket.setEncoding('latin1');
    client.socket.on('data', (text: string) => this.#read(client, text));
    client.socket.on('error', () => {});
    client.socket.on('close', () => this.#closed(client));
    this.#free(client);
  }

  #free(client: Client): void {
    client.dueMs = 0;
    const dueMs = this.#waiting.shift() ?? (this.#phase?.closedLoop ? performance.now() : undefined);
    if (dueMs === undefined) this.#idle.push(client);
    else this.#send(client, dueMs);
  }

  #send(client: Client, dueMs: number): void {
    client.dueMs = dueMs;
    client.socket.write(`GET /bench/${this.#number++}?q=search+term&page=2${REQUEST_END}`);
  }

  #read(client: Client, text: string): void {
    const phase = this.#phase;
    if (client.dueMs === 0 || phase === undefined) {
      // A server says so when nothing was asked for too long; and what comes after the last phase is of no phase.
      client.socket.destroy();
      return;
    }
    client.rest += text;
    const end = client.rest.indexOf('\r\n\r\n');
    if (end < 0) return;
    const bodyBytes = Number(/\r\ncontent-length: (\d+)/i.exec(client.rest)?.[1] ?? 0);
    if (client.rest.length < end + 4 + bodyBytes) return;
    phase.answered++;
    if (!client.rest.startsWith('HTTP/1.1 200')) phase.errors++;
    phase.latencies.add(performance.now() - client.dueMs);
    client.rest = '';
    client.answered = true;
    this.#free(client);
  }

  #closed(client: Client): void {
    const at = this.#idle.indexOf(client);
    if (at >= 0) this.#idle.splice(at, 1);
    if (this.#phase === undefined) return;
    if (client.dueMs !== 0 && client.answered && client.rest === '') {
      // The close crossed with the request: a client sends it again (RFC 9112, section 9.3.1).
      this.#phase.repeated++;
      this.#waiting.unshift(client.dueMs);
    } else if (client.dueMs !== 0) this.#phase.errors++;
    this.#open();
  }

  /** Without a rate the loop is closed. */
  async run(rate: number | undefined, seconds: number): Promise<ClientFigures> {
    const cpu = process.cpuUsage();
    const beginMs = performance.now();
    const phase: Phase = {
      closedLoop: rate === undefined,
      answered: 0,
      errors: 0,
      repeated: 0,
      latencies: new Latencies(),
    };
    this.#phase = phase;
    const total = rate === undefined ? undefined : Math.round(rate * seconds);
    let sent = 0;
    const sendUntil = (due: number, rate: number) => {
      for (; sent < due; sent++) {
        const dueMs = beginMs + ((sent + 1) / rate) * 1000;
        const client = this.#idle.pop();
        if (client === undefined) this.#waiting.push(dueMs);
        else this.#send(client, dueMs);
      }
    };
    const tick = () => {
      if (rate === undefined || total === undefined) return;
      sendUntil(Math.min(total, Math.floor(((performance.now() - beginMs) / 1000) * rate)), rate);
    };
    if (phase.closedLoop) for (const client of this.#idle.splice(0)) this.#free(client);
    const timer = setInterval(tick, 1);
    await pause(seconds * 1000);
    clearInterval(timer);
    phase.closedLoop = false;
    if (rate !== undefined && total !== undefined) sendUntil(total, rate);
    const elapsedSeconds = (performance.now() - beginMs) / 1000;
    const deadline = performance.now() + DRAIN_MS;
    while (phase.answered + phase.errors < (total ?? 0) && performance.now() < deadline) await pause(5);
    if (total === undefined) await pause(200);
    const { user, system } = process.cpuUsage(cpu);
    return {
      requests: phase.answered,
      errors: phase.errors + Math.max(0, (total ?? 0) - phase.answered - phase.errors),
      repeated: phase.repeated,
      perSecond: phase.answered / elapsedSeconds,
      ...phase.latencies.summary(),
      cpuRatio: (user + system) / 1e6 / elapsedSeconds,
    };
  }

  close(): void {
    this.#phase = undefined;
  }
}

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    rate: { type: 'string' },
    seconds: { type: 'string', default: '10' },
    'warm-up': { type: 'string', default: '2' },
    connections: { type: 'string', default: '50' },
  },
});
const rate = values.rate === undefined ? undefined : Number(values.rate);
const clients = new Clients(Number(values.port), Number(values.connections));
const warm = await clients.run(rate, Number(values['warm-up']));
if (process.connected) {
  process.on('disconnect', () => process.exit());
  const told = once(process, 'message');
  report('clients-warm', warm);
  await told;
}
const measured = await clients.run(rate, Number(values.seconds));
clients.close();
if (process.connected) report('clients-result', measured);
else {
  console.log(JSON.stringify(measured));
  process.exit();
}
