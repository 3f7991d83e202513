/** The grammar of both files as data: which words begin a section, and what the sections of an SPOE file hold. */

/** Keywords that begin a section of haproxy.cfg, HAProxy Enterprise's too. They mean that wherever they stand. */
export const SECTIONS: ReadonlySet<string> = new Set([
  'acme',
  'backend',
  'cache',
  'crt-store',
  'defaults',
  'dynamic-update',
  'fcgi-app',
  'frontend',
  'global',
  'healthcheck',
  'http-errors',
  'listen',
  'log-forward',
  'log-profile',
  'mailers',
  'namespace_list',
  'peers',
  'program',
  'resolvers',
  'ring',
  'traces',
  'udp-lb',
  'userlist',
]);

export const SPOE_SECTIONS = ['spoe-agent', 'spoe-message', 'spoe-group'] as const;
export type SpoeSection = (typeof SPOE_SECTIONS)[number];

/** From which series on HAProxy takes a line of an SPOE file and does nothing with it (SPOE.txt, 2.2, "deprecated and ignored"). */
interface SpoeKeyword {
  readonly words: readonly string[];
  readonly ignoredSince?: string;
}

export const SPOE_KEYWORDS: { readonly [section in SpoeSection]: readonly SpoeKeyword[] } = {
  'spoe-agent': [
    { words: ['groups'] },
    { words: ['log'] },
    { words: ['max-frame-size'] },
    { words: ['maxconnrate'], ignoredSince: '3.1' },
    { words: ['maxerrrate'], ignoredSince: '3.1' },
    { words: ['max-waiting-frames'], ignoredSince: '3.1' },
    { words: ['messages'] },
    { words: ['option', 'async'], ignoredSince: '3.1' },
    { words: ['option', 'continue-on-error'] },
    { words: ['option', 'dontlog-normal'] },
    { words: ['option', 'force-set-var'] },
    { words: ['option', 'pipelining'] },
    { words: ['option', 'send-frag-payload'], ignoredSince: '3.1' },
    { words: ['option', 'set-on-error'] },
    { words: ['option', 'set-process-time'] },
    { words: ['option', 'set-total-time'] },
    { words: ['option', 'var-prefix'] },
    { words: ['register-var-names'] },
    { words: ['timeout', 'hello'], ignoredSince: '3.1' },
    { words: ['timeout', 'idle'], ignoredSince: '3.1' },
    { words: ['timeout', 'processing'] },
    { words: ['use-backend'] },
  ],
  'spoe-message': [{ words: ['acl'] }, { words: ['args'] }, { words: ['event'] }],
  'spoe-group': [{ words: ['messages'] }],
};

interface SpoeEvent {
  /** Of filters in these sections; in others it is never sent. */
  readonly in: readonly ('frontend' | 'listen' | 'backend')[];
  readonly isHttp: boolean;
  readonly side: 'request' | 'response';
}

const EVERYWHERE = ['frontend', 'listen', 'backend'] as const;
const FRONTENDS = ['frontend', 'listen'] as const;

/** SPOE.txt, 3.3; where it says that an event of the backend is skipped in listen, 2.6.12 and 3.2.26 send it as one of the frontend. */
export const EVENTS: { readonly [name: string]: SpoeEvent } = {
  'on-client-session': { in: FRONTENDS, isHttp: false, side: 'request' },
  'on-frontend-tcp-request': { in: FRONTENDS, isHttp: false, side: 'request' },
  'on-frontend-http-request': { in: FRONTENDS, isHttp: true, side: 'request' },
  'on-backend-tcp-request': { in: EVERYWHERE, isHttp: false, side: 'request' },
  'on-backend-http-request': { in: EVERYWHERE, isHttp: true, side: 'request' },
  'on-server-session': { in: EVERYWHERE, isHttp: false, side: 'response' },
  'on-tcp-response': { in: EVERYWHERE, isHttp: false, side: 'response' },
  'on-http-response': { in: EVERYWHERE, isHttp: true, side: 'response' },
};
