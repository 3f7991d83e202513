/** What HAProxy's SPOE filter logs besides events, taken from its source (src/flt_spoe.c of 1.7 to 3.3). */
import { describeStatus, type StatusDescription } from './describe.ts';

/** Syslog levels, as `log … LEVEL` names them. */
export type MessageLevel = 'emerg' | 'err' | 'warning' | 'notice';

export interface MessageDescription {
  /** Stable, kebab-case. */
  readonly name: string;
  /** The level it is logged at; absent where no version is known to write such a message. */
  readonly level?: MessageLevel;
  readonly meaning: string;
  /** What an operator does about it, one sentence. */
  readonly next: string;
  /** Present when the message carries a code. */
  readonly status?: StatusDescription;
}

const MESSAGES: readonly (MessageDescription & { readonly text: string })[] = [
  {
    text: 'failed to create SPOE applet',
    name: 'applet-failed',
    level: 'emerg',
    meaning: 'HAProxy could not begin a connection to the agent: it was out of memory or of connections of its own',
    next: 'Look at maxconn and the memory of HAProxy (show info: MaxConn, PoolFailed); the agent was not even asked.',
  },
  {
    text: 'failed to create SPOE context',
    name: 'context-failed',
    level: 'emerg',
    meaning:
      'HAProxy had no memory for the filter of a stream: that stream went on without SPOE, and has no event line',
    next: 'Look at the memory of HAProxy (show pools, ulimit, container limit).',
  },
  {
    text: 'internal error while execute spoe-send-group',
    name: 'group-failed',
    level: 'err',
    meaning: 'a send-spoe-group rule found no filter or group of that name on the stream: nothing was sent',
    next: 'Check that the proxy of the rule has the filter spoe line of that engine, and that the engine has the group.',
  },
];

const FAILED = /^failed to process messages: code=(\d{1,10})$/;

/** The level of the line of an event: notice where it went well, warning otherwise. */
export function levelOfEvent(st: number): MessageLevel {
  return st === 0 ? 'notice' : 'warning';
}

/** Describes the text behind `SPOE: [agent] `. */
export function describeMessage(text: string): MessageDescription {
  const code = FAILED.exec(text)?.[1];
  if (code !== undefined) {
    const status = describeStatus(Number(code));
    return {
      name: 'processing-failed',
      level: 'warning',
      meaning: `an event failed: ${status.meaning}. HAProxy 1.7 and 1.8 write this in place of a line with st=${code}`,
      next: status.next ?? 'Nothing failed: code 0 is normal.',
      status,
    };
  }
  const known = MESSAGES.find((message) => message.text === text);
  if (known === undefined) {
    return {
      name: 'unknown',
      meaning: 'no version of HAProxy is known to write this',
      next: 'Check the HAProxy version, and whether the line is whole.',
    };
  }
  const { text: _, ...description } = known;
  return description;
}
