import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Budget } from '../../src/operate/budget.ts';
import { Guard, type GuardedSwitch } from '../../src/operate/guard.ts';
import { guardFamilies } from '../../src/operate/guard-metrics.ts';
import { isSameNote, type Mirroring, type Note, type Reading } from '../../src/operate/mirroring-switch.ts';
import { OperateError } from '../../src/operate/operate-error.ts';
import { renderExposition } from '../../src/text/exposition.ts';

const ON = { kind: 'on' } as const;
const OFF = { kind: 'off' } as const;
const TEN = { kind: 'sample', rate: 10 } as const;

/** A switch, a clock and a guard between them. */
class Scene implements GuardedSwitch {
  nowMs = 1000;
  mirroring: Mirroring;
  held: Note | undefined;
  hasSample: boolean;
  process = 'a';
  /** What every attempt to write fails with. */
  fails = false;
  /** Attempts fail, and what was to be written is there all the same, without its note. */
  failsLate = false;
  unreadable = false;
  /** The process of another guard that runs. */
  alive = 99;
  readonly writes: Mirroring['kind'][] = [];
  readonly said: string[] = [];
  readonly budget = new Budget({ maxP99Ms: 50, maxErrorRate: undefined, windowMs: 10_000, minEvents: 20 });
  readonly guard: Guard;

  constructor({
    mirroring = ON as Mirroring,
    note = undefined as Note | undefined,
    hasSample = true,
    retries = 10,
  } = {}) {
    this.mirroring = mirroring;
    this.held = note;
    this.hasSample = hasSample;
    this.guard = new Guard(this, this.budget, {
      pauseMs: 30_000,
      maxPauseMs: 100_000,
      probeRate: 5,
      probeMs: 10_000,
      retries,
      now: () => this.nowMs,
      say: ({ state, text }) => this.said.push(`${state}: ${text}`),
    });
  }

  async read(): Promise<Reading> {
    if (this.unreadable) throw new OperateError('no-answer', 'it does not answer', '');
    const { mirroring, held: note, hasSample } = this;
    return { current: { worker: { prefix: '', pid: undefined, isOld: false }, mirroring, hasSample, note }, old: [] };
  }

  async write(wanted: Mirroring, note?: Note): Promise<Reading> {
    if (this.fails) throw new OperateError('no-answer', 'it does not answer', '');
    this.writes.push(wanted.kind);
    this.mirroring = wanted;
    if (this.failsLate) throw new OperateError('no-answer', 'it does not answer', '');
    this.held = note;
    return await this.read();
  }

  note(back: Mirroring): Note {
    return { by: 'guard', back, atMs: this.nowMs, host: 'here', pid: 1 };
  }

  async removeNote(note: Note): Promise<void> {
    if (this.fails) throw new OperateError('no-answer', 'it does not answer', '');
    if (isSameNote(note, this.held)) this.held = undefined;
  }

  isOwn({ pid }: Note): boolean {
    return pid === 1;
  }

  isAlive({ pid }: Note): boolean {
    return pid === this.alive;
  }

  async processId(): Promise<string> {
    return this.process;
  }

  describe(mirroring: Mirroring): string {
    return mirroring.kind === 'sample' ? `on for ${mirroring.rate} %` : mirroring.kind;
  }

  get state() {
    return this.guard.state;
  }

  get last(): string {
    return this.said.at(-1) ?? '';
  }

  /** Goes on for a time, with an event each 100 ms, or none. */
  async goOn(ms: number, pT?: number): Promise<void> {
    for (const end = this.nowMs + ms; this.nowMs < end; ) {
      this.nowMs += 100;
      if (pT !== undefined) this.guard.event(pT, pT > 1000);
      await this.guard.turn();
    }
  }

  /** Opens it. */
  async stall(): Promise<void> {
    await this.goOn(500, 500);
    assert.equal(this.state, 'open');
  }
}

async function started(options?: ConstructorParameters<typeof Scene>[0]): Promise<Scene> {
  const scene = new Scene(options);
  await scene.guard.start();
  return scene;
}

test('closed while the budget is kept', async () => {
  const scene = await started();
  await scene.goOn(60_000, 5);
  assert.deepEqual([scene.state, scene.writes], ['closed', []]);
});

test('beyond the budget it opens, probes with a sample, and closes again', async () => {
  const scene = await started();
  await scene.goOn(10_000, 5);
  await scene.stall();
  assert.match(scene.last, /^open: \d+ of \d+ events took longer than 50 ms: mirroring is off, a probe in 30 s$/);
  await scene.goOn(29_000);
  assert.equal(scene.state, 'open');
  await scene.goOn(1000);
  assert.deepEqual([scene.state, scene.mirroring], ['half-open', { kind: 'sample', rate: 5 }]);
  await scene.goOn(9000, 5);
  assert.equal(scene.state, 'half-open');
  await scene.goOn(1500, 5);
  assert.deepEqual([scene.state, scene.mirroring, scene.held], ['closed', ON, undefined]);
  assert.deepEqual(scene.writes, ['off', 'sample', 'on']);
});

test('a probe that fails makes the next pause twice as long, up to a bound; a time without trouble makes it short again', async () => {
  const scene = await started();
  const pauses: number[] = [];
  for (let i = 0; i < 4; i++) {
    await scene.stall();
    pauses.push(scene.guard.pauseMs);
    await scene.goOn(scene.guard.pauseMs);
    assert.equal(scene.state, 'half-open');
  }
  assert.deepEqual(pauses, [30_000, 60_000, 100_000, 100_000]);
  await scene.goOn(10_500, 5);
  assert.equal(scene.state, 'closed');
  assert.equal(scene.guard.pauseMs, 100_000);
  await scene.goOn(101_000, 5);
  assert.equal(scene.guard.pauseMs, 30_000);
});

test('what was a sample before is one again, and a probe is no larger', async () => {
  const scene = await started({ mirroring: { kind: 'sample', rate: 3 } });
  await scene.stall();
  await scene.goOn(30_000);
  assert.deepEqual(scene.mirroring, { kind: 'sample', rate: 3 });
  await scene.goOn(10_500, 5);
  assert.deepEqual([scene.state, scene.mirroring], ['closed', { kind: 'sample', rate: 3 }]);
});

test('without a sample a probe mirrors all, and says so', async () => {
  const scene = await started({ hasSample: false });
  await scene.stall();
  await scene.goOn(30_000);
  assert.deepEqual([scene.state, scene.mirroring], ['half-open', ON]);
  assert.match(scene.last, /the map has no sample/);
});

test('a probe without an event decides nothing, and silence is no proof', async () => {
  const scene = await started();
  await scene.stall();
  await scene.goOn(30_000);
  await scene.goOn(120_000);
  assert.equal(scene.state, 'half-open');
  assert.equal(scene.said.filter((text) => text.includes('no proof')).length, 1);
});

test('lines that were on their way when it went off open nothing again', async () => {
  const scene = await started();
  await scene.stall();
  await scene.goOn(5000, 500);
  assert.equal(scene.state, 'open');
  assert.equal(scene.guard.counts.whileOff, 0);
});

test('events that go on though mirroring is off are told: the switch does not reach them', async () => {
  const scene = await started();
  await scene.stall();
  scene.nowMs += 100;
  for (let i = 0; i < 290; i++) {
    scene.nowMs += 100;
    await scene.guard.turn();
  }
  scene.guard.pauseMs = 1_000_000;
  await scene.goOn(5000, 5);
  assert.equal(scene.said.filter((text) => text.includes('though mirroring is off')).length, 1);
});

describe('a switch that cannot be switched', () => {
  test('is tried again with growing pauses, loudly, and counted; then the guard gives up', async () => {
    const scene = await started({ retries: 4 });
    await scene.goOn(10_000, 5);
    scene.fails = true;
    await assert.rejects(scene.goOn(60_000, 500), {
      code: 'cannot-switch',
      message: /may still be ON: 4 attempts failed/,
    });
    assert.equal(scene.guard.counts.switchFailures, 4);
    assert.equal(scene.said.filter((text) => text.includes('CANNOT SWITCH')).length, 4);
    assert.equal(scene.state, 'closed');
  });

  test('is off as soon as it can be', async () => {
    const scene = await started();
    await scene.goOn(10_000, 5);
    scene.fails = true;
    await scene.goOn(1000, 500);
    assert.ok(scene.guard.failing > 0);
    scene.fails = false;
    await scene.goOn(2000, 500);
    assert.deepEqual([scene.state, scene.guard.failing], ['open', 0]);
  });

  test('stays off when it cannot be probed: that can wait', async () => {
    const scene = await started({ retries: 2 });
    await scene.stall();
    scene.fails = true;
    await scene.goOn(90_000);
    assert.equal(scene.state, 'open');
    assert.ok(scene.guard.counts.switchFailures >= 2);
    scene.fails = false;
    await scene.goOn(60_000);
    assert.equal(scene.state, 'half-open');
  });
});

test('a probe that goes wrong is ended at once, also where it could not be switched on a moment ago', async () => {
  const scene = await started({ retries: 2 });
  await scene.stall();
  await scene.goOn(30_000);
  scene.fails = true;
  await scene.goOn(15_000, 5);
  assert.equal(scene.state, 'half-open');
  assert.ok(scene.guard.counts.switchFailures >= 2);
  scene.fails = false;
  await scene.goOn(3000, 500);
  assert.equal(scene.state, 'open');
});

describe('somebody else', () => {
  test('who switches off has his way until he switches on', async () => {
    const scene = await started();
    scene.mirroring = OFF;
    await scene.goOn(3000);
    assert.equal(scene.state, 'standby');
    await scene.goOn(120_000, 500);
    assert.deepEqual([scene.state, scene.writes], ['standby', []]);
    scene.mirroring = TEN;
    await scene.goOn(3000);
    assert.deepEqual(
      [scene.state, scene.last],
      ['closed', 'closed: somebody else has switched to on for 10 %: guarding it'],
    );
    await scene.stall();
  });

  test('who switches on while it is open has his way, but the budget holds for him, too', async () => {
    const scene = await started();
    await scene.stall();
    Object.assign(scene, { mirroring: ON, held: undefined });
    await scene.goOn(3000);
    assert.equal(scene.state, 'closed');
    await scene.stall();
    assert.equal(scene.guard.counts.foreign, 1);
  });

  test('who switches off what is off already has taken over', async () => {
    const scene = await started();
    await scene.stall();
    scene.held = undefined;
    await scene.goOn(3000);
    assert.equal(scene.state, 'standby');
    await scene.goOn(120_000);
    assert.deepEqual(scene.writes, ['off']);
  });

  // `set map` on the socket knows nothing of notes.
  describe('who switches with a raw command leaves the note of the guard', () => {
    const probing = async () => {
      const scene = await started();
      await scene.stall();
      await scene.goOn(30_000);
      assert.equal(scene.state, 'half-open');
      return scene;
    };

    test('off during a probe', async () => {
      const scene = await probing();
      scene.mirroring = OFF;
      await scene.goOn(3000, 5);
      assert.deepEqual(
        [scene.last, scene.held],
        ['standby: somebody else has switched to off: waiting until it is switched on', undefined],
      );
      await scene.goOn(300_000, 5);
      assert.deepEqual([scene.state, scene.writes], ['standby', ['off', 'sample']]);
      await scene.guard.stop('restore');
      assert.deepEqual(scene.mirroring, OFF);
      scene.mirroring = ON;
      await scene.goOn(3000, 5);
      assert.equal(scene.state, 'closed');
    });

    test('off a moment before the probe has gone well, or badly, or the guard ends', async () => {
      for (const pT of [5, 500]) {
        const scene = await probing();
        await scene.goOn(9000, pT === 5 ? 5 : undefined);
        Object.assign(scene, { mirroring: OFF });
        await scene.goOn(1900, pT);
        assert.deepEqual([scene.state, scene.writes], ['standby', ['off', 'sample']]);
      }
      for (const how of ['leave', 'restore'] as const) {
        const scene = await probing();
        scene.mirroring = OFF;
        assert.match(await scene.guard.stop(how), /^mirroring stays off, without a guard/);
        assert.deepEqual([scene.mirroring, scene.held], [OFF, undefined]);
      }
    });

    test('on while it is open', async () => {
      const scene = await started();
      await scene.stall();
      scene.mirroring = ON;
      assert.match(await scene.guard.stop('leave'), /^mirroring stays on/);
      assert.deepEqual(
        [scene.last, scene.mirroring, scene.held],
        ['closed: somebody else has switched to on: guarding it', ON, undefined],
      );
    });

    test('a note that cannot be removed is removed later', async () => {
      const scene = await probing();
      Object.assign(scene, { mirroring: OFF, fails: true });
      await scene.goOn(3000);
      assert.deepEqual([scene.state, scene.held?.pid], ['standby', 1]);
      scene.fails = false;
      await scene.goOn(3000);
      assert.deepEqual([scene.state, scene.held, scene.guard.counts.foreign], ['standby', undefined, 1]);
    });
  });

  test('is not the guard itself, whose attempt failed and reached HAProxy all the same', async () => {
    const scene = await started({ retries: 2 });
    await scene.stall();
    scene.failsLate = true;
    await scene.goOn(34_000);
    scene.failsLate = false;
    assert.deepEqual([scene.state, scene.guard.counts.foreign], ['half-open', 0]);
    await scene.goOn(60_000, 5);
    assert.deepEqual([scene.state, scene.mirroring], ['closed', ON]);
  });

  test('a reload is nobody: what it restored is switched again', async () => {
    const scene = await started();
    await scene.stall();
    Object.assign(scene, { process: 'b', mirroring: ON, held: undefined });
    await scene.goOn(3000);
    assert.deepEqual([scene.state, scene.mirroring, scene.guard.counts.reloads], ['open', OFF, 1]);
    assert.match(scene.last, /HAProxy was reloaded and its map said on: it is off again/);
    await scene.goOn(30_000);
    assert.equal(scene.state, 'half-open');
  });
});

describe('at the start', () => {
  test('what is off by somebody is left alone', async () => {
    const scene = await started({ mirroring: OFF });
    assert.equal(scene.state, 'standby');
  });

  test('what a guard has left off is taken over', async () => {
    const note: Note = { by: 'guard', back: TEN, atMs: 0, host: 'here', pid: 5 };
    const scene = await started({ mirroring: OFF, note });
    assert.equal(scene.state, 'open');
    await scene.goOn(30_000);
    await scene.goOn(10_500, 5);
    assert.deepEqual([scene.state, scene.mirroring], ['closed', TEN]);
  });

  test('what a guard that still runs has switched off is his', async () => {
    const note: Note = { by: 'guard', back: ON, atMs: 0, host: 'here', pid: 99 };
    const scene = await started({ mirroring: OFF, note });
    assert.equal(scene.state, 'standby');
  });
});

describe('two guards', () => {
  const other = (atMs: number): Note => ({ by: 'guard', back: ON, atMs, host: 'here', pid: 99 });

  test('the one that has not switched stands by, also while the other probes, until that is done', async () => {
    for (const probe of [TEN, ON]) {
      const scene = await started();
      Object.assign(scene, { mirroring: OFF, held: other(1) });
      await scene.goOn(3000);
      assert.equal(scene.state, 'standby');
      Object.assign(scene, { mirroring: probe, held: other(2) });
      await scene.goOn(10_000, 5);
      assert.equal(scene.state, 'standby');
      Object.assign(scene, { mirroring: ON, held: undefined });
      await scene.goOn(3000);
      assert.deepEqual([scene.state, scene.writes], ['closed', []]);
    }
  });

  test('the one that stands by goes on when the other has ended without a word', async () => {
    const scene = await started({ mirroring: OFF, note: other(1) });
    await scene.goOn(3000);
    assert.equal(scene.state, 'standby');
    scene.alive = 0;
    await scene.goOn(3000);
    assert.equal(scene.state, 'open');
    await scene.goOn(30_000);
    await scene.goOn(11_000, 5);
    assert.deepEqual([scene.state, scene.mirroring], ['closed', ON]);
  });

  test('one that starts while the other probes stands by; where that has ended it goes on with the probe', async () => {
    assert.equal((await started({ mirroring: TEN, note: other(1) })).state, 'standby');
    const scene = await started({ mirroring: TEN, note: { ...other(1), pid: 5 } });
    assert.equal(scene.state, 'half-open');
    await scene.goOn(11_000, 5);
    assert.deepEqual([scene.state, scene.mirroring], ['closed', ON]);
  });
});

describe('at the end', () => {
  test('nothing changes while it is closed', async () => {
    const scene = await started();
    assert.match(await scene.guard.stop('restore'), /^mirroring stays on/);
    assert.deepEqual(scene.writes, []);
  });

  test('what it has switched off stays off, a probe too, or is on again', async () => {
    const left = await started();
    await left.stall();
    await left.goOn(30_000);
    assert.match(await left.guard.stop('leave'), /^mirroring stays off/);
    assert.deepEqual([left.mirroring, left.held?.by], [OFF, 'guard']);
    const restored = await started();
    await restored.stall();
    assert.match(await restored.guard.stop('restore'), /^mirroring is on again/);
    assert.deepEqual([restored.mirroring, restored.held], [ON, undefined]);
  });
});

test('a HAProxy that does not answer is told now and then, and the guard goes on', async () => {
  const scene = await started();
  scene.unreadable = true;
  await scene.goOn(30_000, 5);
  assert.equal(scene.said.filter((text) => text.includes('cannot read the switch')).length, 2);
  scene.unreadable = false;
  await scene.goOn(3000, 5);
  assert.match(scene.last, /can be read again/);
});

test('the metrics tell its state and all that was counted', async () => {
  const scene = await started();
  await scene.goOn(10_000, 5);
  await scene.stall();
  const text = renderExposition(guardFamilies(scene.guard, scene.budget, scene.nowMs));
  assert.match(text, /^spoe_logs_guard_state\{state="open"\} 1$/m);
  assert.match(text, /^spoe_logs_guard_state\{state="closed"\} 0$/m);
  assert.match(text, /^spoe_logs_guard_transitions_total\{from="closed",to="open"\} 1$/m);
  assert.match(text, /^spoe_logs_guard_events_total 10\d$/m);
  assert.match(text, /^spoe_logs_guard_budget_p99_seconds 0\.05$/m);
});
