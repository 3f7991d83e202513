/**
 * What HAProxy is told so that the agent hears production's answers. The agent chooses: with its ACK of the request it sets a variable,
 * and only the answers of requests that have it are sent. So an agent that fails costs a client no second timeout.
 */

export interface AnswerChoices {
  /** `head`: status and headers; `body`: of short JSON answers the body as well. */
  readonly answers?: 'head' | 'body' | undefined;
  /** The client gets the head of such an answer with the last byte of its body. */
  readonly waits?: boolean | undefined;
  readonly bufsize?: number | undefined;
  readonly engine: string;
}

/** Messages, and where bodies are waited for the groups that send them, of these names. */
export const ANSWER_MESSAGES = { head: 'answer-head', body: 'answer-body' } as const;

/** HAProxy joins lines of one name by OR, so no other ACL of the frontend has one of these. */
const ACLS = { wanted: 'answer_wanted', json: 'answer_json', short: 'answer_short', whole: 'answer_whole' } as const;
export const ANSWER_ACLS = Object.values<string>(ACLS);

/** Of a usual buffer of 16,384 bytes a message may fill 15,360; this leaves 3 kB of it for the headers. */
const LONGEST_BODY = 12_000;
const USUAL_BUFFER = 16_384;
/** More of a body is not looked into by the agent. */
const LONGEST_READ = 65_536;

/** `timeout server` that is printed: when `wait-for-body` is over before, a client gets a 504 that it would not have got. */
export const SERVER_TIMEOUT = '30s';

/** What HAProxy takes in the name of a variable. */
function variablePrefix(engine: string): string {
  return engine.replace(/[^A-Za-z0-9_.]/g, '_');
}

/** What of a body fits into a frame, beside the headers. @param bufsize `tune.bufsize` */
export function longestBody(bufsize = USUAL_BUFFER): number {
  return Math.min(LONGEST_BODY + bufsize - USUAL_BUFFER, LONGEST_READ);
}

function acls(choices: AnswerChoices): string[] {
  return [
    '# The agent mirrors this request, and wants the answer: it has set this with its ACK.',
    `acl ${ACLS.wanted} var(txn.${variablePrefix(choices.engine)}.answer) -m bool`,
    ...(choices.answers === 'body'
      ? [
          `acl ${ACLS.json} res.hdr(content-type) -m sub json`,
          '# So much of a body fits into a frame, beside 3 kB of headers.',
          `acl ${ACLS.short} res.hdr_val(content-length) 1:${longestBody(choices.bufsize)}`,
        ]
      : []),
  ];
}

const IS_HEAD_ONLY = `${ACLS.wanted} !${ACLS.json} or ${ACLS.wanted} !${ACLS.short}`;

/** Names of the messages that are sent: the head of every answer, in one of them. */
function messagesOf({ answers }: AnswerChoices): string[] {
  if (answers === undefined) return [];
  return answers === 'body' ? [ANSWER_MESSAGES.body, ANSWER_MESSAGES.head] : [ANSWER_MESSAGES.head];
}

/** What `messages` of the agent lists. */
export function answerEvents(choices: AnswerChoices): string[] {
  return choices.waits ? [] : messagesOf(choices);
}

/** What `groups` of the agent lists. */
export function answerGroups(choices: AnswerChoices): string[] {
  return choices.waits ? messagesOf(choices) : [];
}

/** Rules of the frontend. */
export function answerRules(choices: AnswerChoices): string[] {
  const { engine, waits } = choices;
  if (!waits) return [];
  const { wanted, json, short, whole } = ACLS;
  return [
    ...acls(choices),
    `acl ${whole} var(txn.answer_missing) -m int 0`,
    '# The client gets the head of such an answer with the last byte of its body. When the time is over it gets a 504: so it',
    '# is no shorter than "timeout server", and answers whose length nobody knows (event streams, long polls) are not waited for.',
    `http-response wait-for-body time ${SERVER_TIMEOUT} if ${wanted} ${json} ${short}`,
    '# A server that gives up in the middle: what there is of the body goes to the client, and nothing to the agent.',
    `http-response set-var(txn.answer_len) res.body_len if ${wanted}`,
    `http-response set-var(txn.answer_missing) res.body_size,sub(txn.answer_len) if ${wanted}`,
    '# Before your own http-response rules: what they change is not what the server answered.',
    `http-response send-spoe-group ${engine} ${ANSWER_MESSAGES.body} if ${wanted} ${json} ${short} ${whole}`,
    `http-response send-spoe-group ${engine} ${ANSWER_MESSAGES.head} if ${IS_HEAD_ONLY}`,
  ];
}

/** Lines of the spoe-agent. @param isOld it is for HAProxy up to 3.0 as well */
export function answerAgentLines({ answers, engine }: AnswerChoices, isOld: boolean): string[] {
  const prefix = variablePrefix(engine);
  if (answers === undefined) return prefix === engine ? [] : [`option var-prefix ${prefix}`];
  return [
    `# The agent sets "answer": txn.${prefix}.answer in conditions.`,
    `option var-prefix ${prefix}`,
    // Whether it may be left out depends on the agent's -m, which another hand may change.
    ...(isOld
      ? [
          '# Up to 3.0: without it an answer larger than a frame of the agent is tried again and again, and its client waits;',
          '# with 2.6.12 for ever, and with it every other one of that thread.',
          'no option send-frag-payload',
        ]
      : []),
  ];
}

/** Sections behind the request's message. */
export function answerSections(choices: AnswerChoices): string[] {
  const { answers, waits } = choices;
  if (answers === undefined) return [];
  const { wanted, json, short } = ACLS;
  const conditions = waits ? [] : acls(choices);
  const section = (name: string, more: string, before: readonly string[], condition: string) => [
    '',
    `spoe-message ${name}`,
    `    args arg_uid=unique-id arg_status=status arg_hdrs=res.hdrs_bin${more} arg_body_size=res.body_size`,
    ...[...before, ...(waits ? [] : [`event on-http-response if ${condition}`])].map((line) => `    ${line}`),
  ];
  const groups = answerGroups(choices).flatMap((name) => ['', `spoe-group ${name}`, `    messages ${name}`]);
  if (answers === 'head') return section(ANSWER_MESSAGES.head, '', conditions, wanted);
  return [
    ...section(ANSWER_MESSAGES.body, ' arg_body=res.body', conditions, `${wanted} ${json} ${short}`),
    // The words are those of the message above.
    ...section(ANSWER_MESSAGES.head, '', conditions.filter(isNoComment), IS_HEAD_ONLY),
    ...groups,
  ];
}

function isNoComment(line: string): boolean {
  return !line.startsWith('#');
}
