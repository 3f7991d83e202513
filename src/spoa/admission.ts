/** Admission of connections: which of them stay when there is no room for all. */
import type { Session } from './session.ts';

/** A connection that has been quiet for so long may give way to another one of its own peer. */
const QUIET_MS = 1_000;

/**
 * The connections of an agent by peer. Every peer that wants one has a place as long as another one has two more than
 * it: those of the peer that has most give way, first what has not said HELLO, oldest first, then what is quiet longest.
 */
export class Admission {
  readonly #peers = new Map<string, PeerSessions>();
  /** Sessions that have not said HELLO, in order of arrival. */
  readonly #greeting = new Set<Session>();
  /** Sessions that were told to end, and have not yet. */
  readonly #leaving = new Set<Session>();
  #staying = 0;

  /** Connections that may go on. */
  get staying(): number {
    return this.#staying;
  }

  /** How many sessions were told to end, and have not yet. */
  get leaving(): number {
    return this.#leaving.size;
  }

  add(session: Session): void {
    const { peer: name } = session;
    let peer = this.#peers.get(name);
    if (peer === undefined) {
      peer = new PeerSessions();
      this.#peers.set(name, peer);
    }
    peer.greeting.add(session);
    this.#greeting.add(session);
    this.#staying++;
  }

  /** The session has said HELLO. */
  joined(session: Session): void {
    const peer = this.#peers.get(session.peer);
    if (peer?.greeting.delete(session) !== true) return;
    this.#greeting.delete(session);
    peer.open.add(session);
  }

  /** The session was told to end. */
  leaves(session: Session): void {
    if (this.#forget(session)) this.#leaving.add(session);
  }

  /** The session has ended. */
  remove(session: Session): void {
    this.#forget(session);
    this.#leaving.delete(session);
  }

  #forget(session: Session): boolean {
    const { peer: name } = session;
    const peer = this.#peers.get(name);
    if (peer === undefined || !(peer.greeting.delete(session) || peer.open.delete(session))) return false;
    this.#greeting.delete(session);
    if (peer.size === 0) this.#peers.delete(name);
    this.#staying--;
    return true;
  }

  /** The connection that gives way to one more of this peer; undefined when no connection may. */
  whoGivesWayTo(name: string, now: number): Session | undefined {
    const own = this.#peers.get(name);
    let most: PeerSessions | undefined;
    for (const peer of this.#peers.values()) if (most === undefined || peer.size > most.size) most = peer;
    const difference = (most?.size ?? 0) - (own?.size ?? 0);
    if (difference > 1) return first(most?.greeting) ?? most?.quietest();
    const greeting = first(own?.greeting) ?? this.#oldGreeting(now);
    if (greeting !== undefined) return greeting;
    return (difference > 0 ? most : own)?.quietest(now - QUIET_MS);
  }

  /** HAProxy says HELLO at once: a connection that has not after a while may give way to any peer. */
  #oldGreeting(now: number): Session | undefined {
    const oldest = first(this.#greeting);
    return oldest !== undefined && oldest.activeAt <= now - QUIET_MS ? oldest : undefined;
  }

  /** Removes and returns the session that was told to end longest ago, which is not waited for any more. */
  takeLeaving(): Session | undefined {
    const session = first(this.#leaving);
    if (session !== undefined) this.#leaving.delete(session);
    return session;
  }

  /** Forgets the order of the quiet sessions. Called at intervals, because a session that was quiet may not be any more. */
  refresh(): void {
    for (const peer of this.#peers.values()) peer.quiet = undefined;
  }
}

class PeerSessions {
  /** Sessions that have not said HELLO, in order of arrival. */
  readonly greeting = new Set<Session>();
  readonly open = new Set<Session>();
  /** Open sessions, the one quiet longest at the end. They are sorted on demand, at most once between refreshes. */
  quiet: Session[] | undefined;

  get size(): number {
    return this.greeting.size + this.open.size;
  }

  /** @param sinceMs only a session that has sent nothing since then and has no request in work; without it, the quietest one */
  quietest(sinceMs?: number): Session | undefined {
    this.quiet ??= [...this.open].sort((a, b) => idle(a) - idle(b) || b.activeAt - a.activeAt);
    while (this.quiet.length > 0) {
      const session = this.quiet[this.quiet.length - 1] as Session;
      const isQuiet = sinceMs === undefined || (session.inFlight === 0 && session.activeAt <= sinceMs);
      if (session.isOpen && !isQuiet) return undefined;
      this.quiet.pop();
      if (session.isOpen) return session;
    }
    return undefined;
  }
}

/** A sort key: sessions whose requests are being worked on come first, and are the last to give way. */
function idle({ inFlight }: Session): number {
  return inFlight > 0 ? 0 : 1;
}

function first(sessions: ReadonlySet<Session> | undefined): Session | undefined {
  return sessions?.values().next().value;
}
