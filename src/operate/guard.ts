/**
 * A circuit breaker around mirroring: closed (on), open (off), half-open (a probe). What it knows of the agent are the SPOE
 * lines as they arrive; what it changes is the switch. `turn` is called again and again; it never runs twice at a time.
 */
import type { Budget, Judgement } from './budget.ts';
import { isSame, isSameNote, type Mirroring, type Note, type Reading } from './mirroring-switch.ts';
import { OperateError } from './operate-error.ts';

/** `standby`: somebody else has switched mirroring off, and only he switches it on. */
export type GuardState = 'closed' | 'open' | 'half-open' | 'standby';

/** The switch, as the guard needs it: `MirroringSwitch` with a clock for its notes. */
export interface GuardedSwitch {
  read(): Promise<Reading>;
  write(wanted: Mirroring, note?: Note): Promise<Reading>;
  /** Removes the note of who switched, and leaves the switch. Nothing where another one stands there by now. */
  removeNote(note: Note): Promise<void>;
  /** A note of this process. */
  note(back: Mirroring): Note;
  /** Of the process that this one is; of one before it, too, that had its number. */
  isOwn(note: Note): boolean;
  /** Another process. Its process runs, or is one of another machine, of which that is not known. */
  isAlive(note: Note): boolean;
  /** Identifies the process of HAProxy, or undefined where it does not answer. */
  processId(): Promise<string | undefined>;
  describe(mirroring: Mirroring): string;
}

export interface GuardOptions {
  readonly pauseMs: number;
  readonly maxPauseMs: number;
  /** What a probe mirrors, where the map has a sample: of `sampleOf` requests. Otherwise a probe mirrors all. */
  readonly probeRate: number;
  readonly probeMs: number;
  /** Attempts to switch off before it gives up. */
  readonly retries: number;
  /** A clock that only goes on, ms. */
  readonly now: () => number;
  readonly say: (step: GuardStep) => void;
}

/** Something that is worth a line. */
export interface GuardStep {
  readonly kind: 'state' | 'switch-failed' | 'notice';
  readonly state: GuardState;
  readonly text: string;
}

export interface GuardCounts {
  events: number;
  failed: number;
  /** Events that came though mirroring was off for longer than any could be on its way. */
  whileOff: number;
  switched: number;
  switchFailures: number;
  readFailures: number;
  /** Changes by somebody else. */
  foreign: number;
  reloads: number;
  readonly transitions: Map<string, number>;
}

/** How often the switch is looked at: a change by hand is noticed within this time. */
const LOOK_MS = 2000;
const RETRY_MS = 250;
const MAX_RETRY_MS = 5000;
/** What HAProxy had sent before may be answered, or given up, this much later. */
const STRAGGLER_MS = 30_000;
/** So many events while mirroring is off are no stragglers. */
const MANY_WHILE_OFF = 20;
/** No event for so long is worth a word. */
const SILENT_MS = 60_000;
/** Every so many failures in a row one is told. */
const TOLD_FAILURES = 10;

export class Guard {
  readonly counts: GuardCounts = {
    events: 0,
    failed: 0,
    whileOff: 0,
    switched: 0,
    switchFailures: 0,
    readFailures: 0,
    foreign: 0,
    reloads: 0,
    transitions: new Map(),
  };
  /** ms; of the next opening. */
  pauseMs: number;
  /** By the clock of the options; undefined before the first. */
  lastEventMs: number | undefined;
  readonly #switch: GuardedSwitch;
  readonly #budget: Budget;
  readonly #options: GuardOptions;
  #state: GuardState = 'closed';
  #sinceMs: number;
  /** What mirroring is when it is on. */
  #normal: Mirroring = { kind: 'on' };
  /** What the switch has to say. */
  #expected: Mirroring = { kind: 'off' };
  #note: Note | undefined;
  /** What an attempt that failed may have written all the same. */
  #tried: Mirroring | undefined;
  #process: string | undefined;
  #hasSample = false;
  #lookedMs: number;
  #readFailuresInRow = 0;
  #attempts = 0;
  #nextAttemptMs = 0;
  /** Until then it is not tried to switch on. */
  #postponedMs = 0;
  #isSilenceTold = false;
  #isUselessTold = false;

  constructor(guarded: GuardedSwitch, budget: Budget, options: GuardOptions) {
    this.#switch = guarded;
    this.#budget = budget;
    this.#options = options;
    this.pauseMs = options.pauseMs;
    this.#sinceMs = options.now();
    this.#lookedMs = options.now();
  }

  get state(): GuardState {
    return this.#state;
  }

  /** Attempts to switch that failed, without one that did not. */
  get failing(): number {
    return this.#attempts;
  }

  /** Reads the switch. Throws OperateError. */
  async start(): Promise<void> {
    const { current } = await this.#switch.read();
    this.#process = await this.#switch.processId();
    this.#hasSample = current.hasSample;
    this.#expected = current.mirroring;
    const { note } = current;
    const other = note?.by === 'guard' ? note : undefined;
    if (other === undefined && isOn(current.mirroring)) {
      this.#normal = current.mirroring;
      this.#enter('closed', `mirroring is ${this.#describe(current.mirroring)}: guarding it`);
    } else if (other !== undefined && (this.#switch.isOwn(other) || !this.#switch.isAlive(other))) {
      this.#takeOver(other, current.mirroring);
    } else {
      const who = other === undefined ? 'somebody else' : `the guard ${other.pid} on ${other.host}`;
      this.#enter(
        'standby',
        `mirroring is ${this.#describe(current.mirroring)} by ${who}: waiting until it is switched on`,
      );
    }
  }

  /** What a guard that has ended has left is this one's. */
  #takeOver(note: Note, mirroring: Mirroring): void {
    this.#normal = note.back;
    this.#note = note;
    this.#expected = mirroring;
    const who = `a guard that has ended (process ${note.pid} on ${note.host})`;
    if (isOn(mirroring)) this.#enter('half-open', `${who} was probing: going on in its place`);
    else this.#enter('open', `${who} had switched mirroring off: going on in its place`);
  }

  /** One event of the agent has arrived. */
  event(processingMs: number, isFailure: boolean): void {
    const nowMs = this.#options.now();
    this.counts.events++;
    if (isFailure) this.counts.failed++;
    this.lastEventMs = nowMs;
    this.#isSilenceTold = false;
    if (this.#state === 'open' || this.#state === 'standby') {
      if (nowMs - this.#sinceMs >= STRAGGLER_MS) this.counts.whileOff++;
    } else this.#budget.add(nowMs, processingMs, isFailure);
  }

  judge(): Judgement {
    return this.#budget.judge(this.#options.now());
  }

  /** Of the window; undefined without an event. */
  p99Ms(): number | undefined {
    return this.#budget.p99Ms(this.#options.now());
  }

  /** Does what is due. Throws OperateError `cannot-switch` when mirroring cannot be switched off. */
  async turn(): Promise<void> {
    const nowMs = this.#options.now();
    if (nowMs < this.#nextAttemptMs) return;
    if (this.#attempts === 0 && nowMs - this.#lookedMs >= LOOK_MS) await this.#look();
    if (this.#state === 'closed') await this.#guardClosed();
    else if (this.#state === 'open') await this.#guardOpen();
    else if (this.#state === 'half-open') await this.#guardProbe();
    this.#tellUseless();
  }

  /** Leaves or restores the switch. Throws OperateError. */
  async stop(how: 'leave' | 'restore'): Promise<string> {
    // What somebody has switched a moment ago is his.
    await this.#look();
    const isOurs = this.#state === 'open' || this.#state === 'half-open';
    if (!isOurs) return `mirroring stays ${this.#describe(this.#expected)}, without a guard`;
    if (how === 'restore') {
      await this.#switch.write(this.#normal);
      return `mirroring is ${this.#describe(this.#normal)} again, without a guard`;
    }
    if (this.#state === 'half-open') await this.#switch.write({ kind: 'off' }, this.#note);
    return 'mirroring stays off: switch it on, or start the guard again, which goes on from here';
  }

  async #guardClosed(): Promise<void> {
    const judgement = this.judge();
    this.#tellSilence();
    if (judgement.breach === undefined) {
      this.#attempts = 0;
      // It has held for longer than it was to be off next time: the agent is well.
      if (this.#options.now() - this.#sinceMs > Math.max(this.pauseMs, this.#budget.limits.windowMs))
        this.pauseMs = this.#options.pauseMs;
      return;
    }
    await this.#open(judgement);
  }

  /** Off. It is tried again and again, but not for ever: whoever watches the guard has to come to know of it. */
  async #open(judgement: Judgement): Promise<void> {
    if (this.#attempts === 0 && !(await this.#look())) return;
    const why = this.#describeBreach(judgement);
    const note = this.#switch.note(this.#normal);
    if (!(await this.#write({ kind: 'off' }, note, why))) {
      if (this.#attempts < this.#options.retries) return;
      throw new OperateError(
        'cannot-switch',
        `mirroring cannot be switched off and may still be ON: ${this.#attempts} attempts failed while ${why}`,
        'switch it off by hand, or stop the agent: HAProxy goes on without one that is down',
      );
    }
    this.#enter('open', `${why}: mirroring is off, a probe in ${inWords(this.pauseMs)}`);
  }

  async #guardOpen(): Promise<void> {
    const nowMs = this.#options.now();
    if (nowMs - this.#sinceMs < this.pauseMs || nowMs < this.#postponedMs) return;
    if (this.#attempts === 0 && !(await this.#look())) return;
    const probe: Mirroring = this.#hasSample ? this.#probe() : this.#normal;
    if (!(await this.#write(probe, this.#switch.note(this.#normal), 'a probe is due'))) {
      if (this.#attempts >= this.#options.retries) this.#postpone();
      return;
    }
    this.pauseMs = Math.min(this.pauseMs * 2, this.#options.maxPauseMs);
    const whole = this.#hasSample ? '' : ' (the map has no sample)';
    this.#enter('half-open', `a probe: mirroring is ${this.#describe(probe)}${whole}`);
  }

  /** No more than what is usual. */
  #probe(): Mirroring {
    const { probeRate } = this.#options;
    if (this.#normal.kind === 'sample' && this.#normal.rate <= probeRate) return this.#normal;
    return { kind: 'sample', rate: probeRate };
  }

  async #guardProbe(): Promise<void> {
    const judgement = this.judge();
    this.#tellSilence();
    if (judgement.breach !== undefined) return await this.#open(judgement);
    const nowMs = this.#options.now();
    if (!judgement.isWell || nowMs - this.#sinceMs < this.#options.probeMs || nowMs < this.#postponedMs) return;
    if (this.#attempts === 0 && !(await this.#look())) return;
    if (!(await this.#write(this.#normal, undefined, 'the probe went well'))) {
      if (this.#attempts >= this.#options.retries) this.#postpone();
      return;
    }
    this.#enter(
      'closed',
      `the probe went well (${judgement.events} events, p99 ${this.p99Ms()} ms, ${judgement.failed} failed): mirroring is ${this.#describe(this.#normal)}`,
    );
  }

  /** On can wait. */
  #postpone(): void {
    this.#attempts = 0;
    this.#postponedMs = this.#options.now() + this.pauseMs;
  }

  async #write(wanted: Mirroring, note: Note | undefined, why: string): Promise<boolean> {
    try {
      await this.#switch.write(wanted, note);
    } catch (error) {
      if (!(error instanceof OperateError)) throw error;
      this.#attempts++;
      this.#tried = wanted;
      this.counts.switchFailures++;
      this.#nextAttemptMs = this.#options.now() + Math.min(RETRY_MS * 2 ** (this.#attempts - 1), MAX_RETRY_MS);
      this.#tell(
        'switch-failed',
        `CANNOT SWITCH mirroring to ${this.#describe(wanted)}, attempt ${this.#attempts} (${why}): ${error.message}`,
      );
      return false;
    }
    this.#attempts = 0;
    this.#nextAttemptMs = 0;
    this.counts.switched++;
    this.#expected = wanted;
    this.#note = note;
    this.#tried = undefined;
    this.#lookedMs = this.#options.now();
    return true;
  }

  /**
   * Somebody else may have switched, or HAProxy may have been reloaded, which restores what the map file says. False: it is
   * no more as the guard thought.
   */
  async #look(): Promise<boolean> {
    this.#lookedMs = this.#options.now();
    let reading: Reading;
    let isReloaded: boolean;
    try {
      reading = await this.#switch.read();
      const process = await this.#switch.processId();
      isReloaded = this.#process !== undefined && process !== undefined && process !== this.#process;
      this.#process = process ?? this.#process;
    } catch (error) {
      if (!(error instanceof OperateError)) throw error;
      this.counts.readFailures++;
      if (this.#readFailuresInRow++ % TOLD_FAILURES === 0)
        this.#tell('notice', `cannot read the switch: ${error.message}`);
      return true;
    }
    if (this.#readFailuresInRow > 0) this.#tell('notice', 'the switch can be read again');
    this.#readFailuresInRow = 0;
    this.#hasSample = reading.current.hasSample;
    if (isReloaded) this.counts.reloads++;
    const { mirroring, note } = reading.current;
    if (isReloaded && this.#note !== undefined) {
      await this.#reapply(mirroring);
      return true;
    }
    return note?.by === 'guard' && this.#isOurs(note)
      ? await this.#compareOwn(mirroring, note)
      : this.#compare(mirroring, note, isReloaded);
  }

  /** Not the one that another process with the number of this one, or one of another container, has left. */
  #isOurs(note: Note): boolean {
    return isSameNote(note, this.#note) || this.#switch.isOwn(note);
  }

  /** No other guard is at work: what is not as this one left it was changed by a person, who need not know of notes. */
  async #compareOwn(mirroring: Mirroring, note: Note): Promise<boolean> {
    const isExpected = isSame(mirroring, this.#expected);
    if (isExpected && isSameNote(note, this.#note)) return true;
    if (this.#tried !== undefined && isSame(mirroring, this.#tried)) {
      this.#adopt(mirroring, note);
      return false;
    }
    // It would make the next guard go on from here.
    await this.#switch.removeNote(note).catch((error: unknown) => {
      if (!(error instanceof OperateError)) throw error;
      this.#tell('notice', `cannot remove the note of this guard, which is tried again: ${error.message}`);
    });
    if (isExpected && this.#note === undefined) return true;
    this.#accept(mirroring, undefined, false);
    return false;
  }

  /** An attempt that failed, by its answer at least, has reached HAProxy. */
  #adopt(mirroring: Mirroring, note: Note): void {
    this.#expected = mirroring;
    this.#note = note;
    this.#tried = undefined;
    const what = `mirroring is ${this.#describe(mirroring)}: an attempt that failed has reached HAProxy`;
    this.#enter(isOn(mirroring) ? 'half-open' : 'open', what);
  }

  #compare(mirroring: Mirroring, note: Note | undefined, isReloaded: boolean): boolean {
    // Also who has switched off what was off already has taken over.
    const isOtherNote = this.#note !== undefined && !isSameNote(note, this.#note);
    // On, and not by a guard that probes.
    const isGivenBack = this.#state === 'standby' && isOn(mirroring) && note?.by !== 'guard';
    if (this.#state === 'standby' && note?.by === 'guard' && !this.#switch.isAlive(note))
      this.#takeOver(note, mirroring);
    else if (isOtherNote || isGivenBack || !isSame(mirroring, this.#expected))
      this.#accept(mirroring, note, isReloaded);
    else return true;
    return false;
  }

  /** A reload is no decision about mirroring. */
  async #reapply(found: Mirroring): Promise<void> {
    const wanted = this.#expected;
    if (!(await this.#write(wanted, this.#note, 'HAProxy was reloaded'))) return;
    this.#tell(
      'notice',
      `HAProxy was reloaded and its map said ${this.#describe(found)}: it is ${this.#describe(wanted)} again`,
    );
  }

  /** Who switches by hand knows more than a guard. */
  #accept(mirroring: Mirroring, note: Note | undefined, isReloaded: boolean): void {
    this.counts.foreign++;
    this.#expected = mirroring;
    this.#note = undefined;
    this.#tried = undefined;
    const other = note?.by === 'guard' ? note : undefined;
    const who =
      other !== undefined
        ? `the guard ${other.pid} on ${other.host} has switched to`
        : isReloaded
          ? 'HAProxy was reloaded: its map file says'
          : 'somebody else has switched to';
    const what = `${who} ${this.#describe(mirroring)}`;
    if (other !== undefined || !isOn(mirroring)) {
      this.#enter('standby', `${what}: waiting until it is switched on`);
      return;
    }
    this.#normal = mirroring;
    this.#enter('closed', `${what}: guarding it`);
  }

  #enter(state: GuardState, text: string): void {
    if (state !== this.#state) {
      const key = `${this.#state},${state}`;
      this.counts.transitions.set(key, (this.counts.transitions.get(key) ?? 0) + 1);
    }
    this.#state = state;
    this.#sinceMs = this.#options.now();
    this.#attempts = 0;
    this.#isUselessTold = false;
    this.counts.whileOff = 0;
    // Events of before say nothing of what comes now.
    this.#budget.clear(this.#sinceMs);
    this.#tell('state', text);
  }

  #tellSilence(): void {
    const quietMs = this.#options.now() - Math.max(this.lastEventMs ?? 0, this.#sinceMs);
    if (this.#isSilenceTold || quietMs < SILENT_MS) return;
    this.#isSilenceTold = true;
    this.#tell(
      'notice',
      `no event for ${inWords(quietMs)} though mirroring is ${this.#describe(this.#expected)}: that is no proof that all is well`,
    );
  }

  #tellUseless(): void {
    if (this.#isUselessTold || this.counts.whileOff < MANY_WHILE_OFF) return;
    this.#isUselessTold = true;
    this.#tell(
      'notice',
      `${this.counts.whileOff} events came though mirroring is off: does the configuration look up this key, and is it the log of this HAProxy?`,
    );
  }

  /** `12 of 20 events took longer than 50 ms`. */
  #describeBreach({ breach }: Judgement): string {
    if (breach === undefined) return 'the budget is kept';
    const { maxP99Ms, maxErrorRate = 0 } = this.#budget.limits;
    const { part, events, beyond } = breach;
    if (part === 'p99') return `${beyond} of ${events} events took longer than ${maxP99Ms} ms`;
    return `${beyond} of ${events} events failed, more than ${Number((maxErrorRate * 100).toFixed(6))} %`;
  }

  #describe(mirroring: Mirroring): string {
    return this.#switch.describe(mirroring);
  }

  #tell(kind: GuardStep['kind'], text: string): void {
    this.#options.say({ kind, state: this.#state, text });
  }
}

function isOn({ kind }: Mirroring): boolean {
  return kind === 'on' || kind === 'sample';
}

function inWords(ms: number): string {
  return ms < 120_000 ? `${Number((ms / 1000).toFixed(1))} s` : `${Number((ms / 60_000).toFixed(1))} min`;
}
