import type { OnOutcome } from '../../mirror/destination.ts';
import type { Mirror } from '../../mirror/mirror.ts';
import type { MirrorOptions } from '../../mirror/options.ts';
import { TEXT_BOUNDS } from '../../mirror/text-bounds.ts';
import type { TlsProblem } from '../../mirror/tls-backoff.ts';
import type { MirrorTracer } from '../../mirror/tracing.ts';
import type { Answers } from './answers.ts';
import { seconds } from './episode.ts';
import type { LineFile } from './line-file.ts';
import type { Notice } from './notices.ts';

/** Loads and starts the mirror, only when there is a destination: an HTTP client is most of the start-up time. */
export async function startMirror(
  options: MirrorOptions,
  record: LineFile | undefined,
  notice: Notice,
  tracer: MirrorTracer | undefined,
  answers: Answers | undefined,
): Promise<Mirror> {
  const [{ Mirror }, { formatRecord }] = await Promise.all([
    import('../../mirror/mirror.ts'),
    import('../../mirror/record.ts'),
  ]);
  const onOutcome: OnOutcome = (outcome, answer) => {
    if (answer !== undefined && answers !== undefined) answers.take(outcome, answer);
    else record?.write(formatRecord(outcome));
  };
  return new Mirror(options, onOutcome, {
    tracer,
    onAnswer: (message, context) => {
      if (answers === undefined) notice(UNASKED_ANSWER, 'answers');
      else answers.hear(message, context);
    },
    onUnusable: (name) => notice(describeUnusable(name), 'unusable'),
    onCutId: () => notice(CUT_ID, 'cut'),
    onMisbehaved: (destination) => notice(describeMisbehaved(destination), 'misbehaved'),
    onTlsProblem: (destination, problem) => notice(describeTlsProblem(destination, problem), 'tls'),
  });
}

const UNASKED_ANSWER = 'HAProxy tells answers of production, which are not looked at: --answers head or body would';

const CUT_ID = `an arg_uid has more than ${TEXT_BOUNDS.uniqueId} bytes: it is cut in the record, and joins no line of a log there`;

function describeUnusable(message: string): string {
  return `the SPOE message ${message} carries no arg_method and arg_path, so nothing of it is mirrored: see its args line`;
}

function describeMisbehaved(destination: string): string {
  return `${destination} said what is not HTTP, or more than 64 KiB or 1,000 fields of headers, or answered what nobody asked: requests go to it one at a time from now on`;
}

/** The remedy for TLS failures, by the code of Node or OpenSSL. */
const TLS_FAILURES: readonly (readonly [RegExp, string])[] = [
  [/^CERT_HAS_EXPIRED$/, 'its certificate, or one it is signed with, has expired'],
  [/^CERT_NOT_YET_VALID$/, 'its certificate is not valid yet: is the clock of this machine right?'],
  [/ALTNAME_INVALID|HOSTNAME_MISMATCH/, 'its certificate is of another name: is -u right?'],
  [
    /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_)/,
    'its certificate is signed by nobody who is trusted: --ca FILE names who may, --insecure trusts all',
  ],
  [/WRONG_VERSION_NUMBER|PACKET_LENGTH|HTTP_REQUEST|RECORD_TOO_SMALL/, 'it does not speak TLS: is it http://?'],
  [/CERTIFICATE_REQUIRED|BAD_CERTIFICATE|HANDSHAKE_FAILURE/, 'it refuses this client: does it want --cert and --key?'],
];

export function describeTlsProblem(destination: string, problem: TlsProblem): string {
  if (problem.kind === 'failed') {
    const why = TLS_FAILURES.find(([pattern]) => pattern.test(problem.code))?.[1] ?? 'TLS fails';
    return `${destination}: ${why} (${problem.code})`;
  }
  const wait = `the next connection to it waits ${seconds(problem.waitMs)}`;
  if (problem.kind === 'certificates')
    return `the certificates of ${destination} cost ${problem.costMs} ms of the event loop: ${wait}`;
  return `${destination} floods its connection with messages of TLS that are no data (session tickets, key updates): ${wait}`;
}
