/** When a further worker starts, and where the connections go that it gets. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { Growth, partOf } from '../../../src/programs/spoa-mirror/growth.ts';
import { type Mover, Moves, type MovingConnection } from '../../../src/programs/spoa-mirror/moves.ts';
import type { SystemSocket } from '../../../src/spoa/listener.ts';
import { writeAck } from '../../../src/spop/ack.ts';
import { frames, notifyFrame } from '../../spoa/client.ts';
import { untilTrue } from '../../until.ts';
import { client, fresh, get, Run, workersOf } from './program.ts';

const looks = (...all: readonly (readonly (readonly [busy: number, connections: number, filled?: number])[])[]) => {
  const growth = new Growth();
  return all.map((loads) =>
    growth.look(loads.map(([busy, connections, filled = 0]) => ({ busy, connections, filled }))),
  );
};

test('one more is wanted when all are busy, twice in a row', () => {
  assert.deepEqual(looks([[0.7, 4]], [[0.7, 4]], [[0.7, 4]]), [false, true, true]);
  assert.deepEqual(looks([[0.7, 4]], [[0.5, 4]], [[0.7, 4]], [[0.6, 4]]), [false, false, false, true]);
  const one = [0.9, 4] as const;
  const two = [0.3, 4] as const;
  assert.deepEqual(looks([one, two], [one, two], [one, one], [one, one]), [false, false, false, true]);
  assert.deepEqual(looks([], [], []), [false, false, false]);
});

test('one more is wanted when one of them is half full', () => {
  assert.deepEqual(looks([[0.1, 0, 0.4]], [[0.1, 0, 0.5]], [[0.1, 0, 0.5]]), [false, false, true]);
});

test('one more is not wanted where no connection would go to it', () => {
  assert.deepEqual(looks([[1, 1]], [[1, 1]], [[1, 2]], [[1, 2]]), [false, false, false, true]);
  const few = [1, 2] as const;
  assert.deepEqual(looks([few, few], [few, few]), [false, false]);
  assert.deepEqual(
    [2, 3, 4, 7].map((connections) => partOf(connections, 3)),
    [0, 1, 1, 2],
  );
});

class Worker implements Mover {
  readonly got: number[] = [];
  fails = false;

  move(id: number, _handle: SystemSocket, _connection: MovingConnection, done: (error: Error | null) => void): void {
    if (!this.fails) this.got.push(id);
    done(this.fails ? new Error('closed') : null);
  }
}

const CONNECTION: MovingConnection = {
  peer: '127.0.0.1',
  open: {
    agreement: {
      hello: { version: '2.0', maxFrameSize: 4096, capabilities: [] },
      maxFrameSize: 4096,
      pipelining: true,
      async: false,
      fragmentation: false,
      healthcheck: false,
    },
    begun: '',
  },
};

function handle() {
  const made = { closed: 0, readStop: () => 0, close: () => void made.closed++ };
  return made;
}

test('a connection stays open here until the worker has it, and goes to the next one when the first is ending', () => {
  const moves = new Moves();
  const [ending, next, moved] = [new Worker(), new Worker(), handle()];
  ending.fails = true;
  moves.begin(moved, CONNECTION, [ending, next]);
  assert.deepEqual([ending.got.length, next.got.length, moved.closed], [0, 1, 0]);
  moves.confirmed(next.got[0] as number);
  moves.confirmed(next.got[0] as number);
  moves.ended(next);
  assert.deepEqual([moved.closed, moves.lost], [1, 0]);
});

test('a connection is closed and counted where nobody takes it, its worker dies, or never says that it has it', () => {
  const moves = new Moves();
  const [ending, worker, other] = [new Worker(), new Worker(), new Worker()];
  ending.fails = true;
  const [nowhere, died, silent] = [handle(), handle(), handle()];
  moves.begin(nowhere, CONNECTION, [ending]);
  moves.begin(undefined, CONNECTION, [worker]);
  moves.begin(died, CONNECTION, [worker]);
  moves.begin(silent, CONNECTION, [other]);
  assert.deepEqual([nowhere.closed, died.closed, silent.closed], [1, 0, 0]);
  moves.ended(worker);
  assert.deepEqual([died.closed, silent.closed], [1, 0]);
  for (let i = 0; i < 6; i++) moves.check();
  assert.deepEqual([silent.closed, moves.lost], [1, 4]);
});

const skip =
  availableParallelism() > 1 && existsSync('/proc/self')
    ? false
    : 'there is one core only, or no /proc to find workers in';

/** Frames of one round; their stream-ids have one byte, so that all rounds and their ACKs look alike. */
const ROUND = Buffer.concat(Array.from({ length: 2000 }, (_, i) => notifyFrame(i % 200)));

/** Sends one round after the other, two at a time, until it is enough. */
class Flood {
  /** Those that are acknowledged. */
  rounds = 0;
  isEnough = false;
  readonly done: Promise<void>;
  readonly socket: Socket;
  #came: Buffer[] = [];
  #bytes = 0;
  #sent = 0;

  constructor(socket: Socket) {
    this.socket = socket;
    this.done = new Promise((resolve, reject) => {
      socket.on('close', () => reject(new Error('closed')));
      socket.on('data', (chunk) => {
        this.#came.push(chunk);
        this.#bytes += chunk.length;
        try {
          while (this.#bytes >= ACKS.length) this.#take();
        } catch (error) {
          reject(error);
        }
        if (this.isEnough && this.rounds === this.#sent) resolve();
      });
    });
    this.#send();
    this.#send();
  }

  #send(): void {
    this.#sent++;
    this.socket.write(ROUND);
  }

  #take(): void {
    const bytes = Buffer.concat(this.#came);
    assert.ok(bytes.subarray(0, ACKS.length).equals(ACKS), 'the ACKs of a round, in order');
    this.#came = [bytes.subarray(ACKS.length)];
    this.#bytes -= ACKS.length;
    this.rounds++;
    if (!this.isEnough) this.#send();
  }
}

const ACKS = frames((writer) => {
  for (let i = 0; i < 2000; i++) writeAck(writer, i % 200, 1);
});

test('under load a second worker starts, is said, and takes over connections of which no frame is lost', {
  skip,
}, async () => {
  const [socket, admin] = [fresh('agent'), fresh('admin')];
  const run = new Run(['-r0', '-n2', '-cpipelining', '-a', `unix:${socket}`, '--admin', `unix:${admin}`]);
  await run.says(/starting 1 worker, up to 2 when the load needs them \(-n2, \d+ cores\)/);
  await run.says(/ready on unix:/);
  assert.equal(workersOf(run.pid).length, 1);
  const haproxies = await Promise.all([1, 2, 3, 4].map(() => client(socket)));
  const floods = haproxies.map(({ socket }) => new Flood(socket));
  await run.says(
    /starting worker 2 of at most 2: the others are busy \d+ % of the time, 0 % of their places are taken/,
  );
  await run.says(/worker 1 has given 2 of 4 connections to worker 2/);
  for (const flood of floods) flood.isEnough = true;
  await Promise.all(floods.map(({ done }) => done));
  const { agent, workers } = JSON.parse((await get(admin, '/stats')).body);
  const { connections, connectionsTotal, hellos, notifies, acks, cut } = agent;
  const sent = floods.reduce((sum, { rounds }) => sum + rounds, 0) * 2000;
  assert.deepEqual(
    { connections, connectionsTotal, hellos, notifies, acks, cut, running: workers.running },
    { connections: 4, connectionsTotal: 4, hellos: 4, notifies: sent, acks: sent, cut: 0, running: 2 },
  );
  process.kill(workersOf(run.pid)[1] as number, 'SIGKILL');
  await untilTrue(() => haproxies.filter(({ ended }) => ended).length === 2);
  run.child.kill('SIGTERM');
  assert.equal(await run.exit, 0);
  await untilTrue(() => haproxies.filter(({ ended }) => ended).length === 4);
});
