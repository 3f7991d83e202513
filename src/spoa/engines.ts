import type { Session } from './session.ts';

/** The open connections of each engine: with async, an ACK may take any of them. */
export class EngineTable {
  readonly #sessions = new Map<string, Set<Session>>();

  add(session: Session): void {
    const { engineId } = session;
    if (engineId === undefined || !session.isAsync) return;
    const sessions = this.#sessions.get(engineId);
    if (sessions === undefined) this.#sessions.set(engineId, new Set([session]));
    else sessions.add(session);
  }

  remove(session: Session): void {
    const { engineId } = session;
    if (engineId === undefined) return;
    const sessions = this.#sessions.get(engineId);
    sessions?.delete(session);
    if (sessions?.size === 0) this.#sessions.delete(engineId);
  }

  /** An open session of the same engine, other than this one. */
  sibling(session: Session): Session | undefined {
    const { engineId } = session;
    if (engineId === undefined) return undefined;
    for (const other of this.#sessions.get(engineId) ?? []) if (other !== session && other.isOpen) return other;
    return undefined;
  }
}
