/** A configuration that mirrors: the two files of HAProxy, a map to switch with, and the command of the agent. */
import path from 'node:path';
import { LOG_FORMAT, UNIQUE_ID_FORMAT } from '../logs/pairing-settings.ts';
import {
  ANSWER_ACLS,
  ANSWER_MESSAGES,
  type AnswerChoices,
  answerAgentLines,
  answerEvents,
  answerGroups,
  answerRules,
  answerSections,
  SERVER_TIMEOUT,
} from './setup/answers.ts';
import { isSince, type Version, versionText } from './version.ts';

export type { AnswerChoices };

export interface SetupChoices extends AnswerChoices {
  readonly engine: string;
  readonly message: string;
  /** The message is sent by a rule of the frontend, in a group of this name, instead of by an event. */
  readonly group?: string | undefined;
  readonly frontend: string;
  readonly backend: string;
  /** `127.0.0.1:12345`, `[::1]:12345` or `unix@/run/agent.sock`. */
  readonly agents: readonly string[];
  /** Only paths that begin with one of these. */
  readonly paths: readonly string[];
  /** The name of an ACL for them; within braces without it. */
  readonly acl?: string | undefined;
  /** Above 0, at most 1. */
  readonly sample: number;
  /** A map that switches mirroring, as HAProxy names it. */
  readonly map?: string | undefined;
  readonly mapKey: string;
  /** The id by which a mirrored request is found in HAProxy's log. */
  readonly uid: boolean;
  /** `timeout processing`, as HAProxy writes it; `USUAL_PROCESSING` without it. */
  readonly processing?: string | undefined;
  /** Of the mirrors, at least one. */
  readonly urls: readonly string[];
  /** The SPOE file, as HAProxy names it. */
  readonly spoeFile: string;
  /** One file for all three series without it. */
  readonly version?: Version | undefined;
}

/** `timeout processing`; with answers a client may have to wait for two messages. */
export const USUAL_PROCESSING = { requests: '500ms', answers: '200ms' } as const;

export const DEFAULT_SETUP: SetupChoices = {
  engine: 'mirror',
  message: 'mirror',
  frontend: 'fe_main',
  backend: 'mirroragents',
  agents: ['127.0.0.1:12345'],
  paths: [],
  sample: 1,
  mapKey: 'mirroring',
  uid: true,
  urls: ['http://mirror.example/'],
  spoeFile: '/etc/haproxy/spoe-mirror.conf',
};

export interface SetupFile {
  readonly name: string;
  readonly text: string;
}

export const SETUP_FILES = {
  haproxy: 'haproxy.cfg',
  spoe: 'spoe-mirror.conf',
  agent: 'spoa-mirror.sh',
} as const;

/** The key of several agents that hear answers. */
const ANSWERS_KEY = '/etc/spoa-mirror/answers.key';

/** In the order in which they are set up. */
export function makeSetup(choices: SetupChoices): SetupFile[] {
  return [
    { name: SETUP_FILES.haproxy, text: haproxyFile(choices) },
    { name: path.basename(choices.spoeFile), text: spoeFile(choices) },
    ...(choices.map === undefined ? [] : [{ name: path.basename(choices.map), text: mapFile(choices, choices.map) }]),
    { name: SETUP_FILES.agent, text: agentCommand(choices) },
  ];
}

/** All of them as one text. */
export function setupText(files: readonly SetupFile[]): string {
  return files.map(({ name, text }) => `### ${name}\n${text}`).join('\n');
}

/** A text as one word of HAProxy's grammar. */
function haproxyWord(text: string): string {
  return text.replace(/[\s\\"'#]/g, '\\$&');
}

/** A text as one word of a shell. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./[\]-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** `rand(100) lt 10`: of 0 … 99, ten. */
function sampleCondition(sample: number): string | undefined {
  if (sample >= 1) return undefined;
  const of = [100, 1000, 10_000, 100_000].find((range) => Number.isInteger(Math.round(sample * range * 1e9) / 1e9));
  const range = of ?? 1_000_000;
  return `rand(${range}) lt ${Math.max(1, Math.round(sample * range))}`;
}

/** The ACLs of the switch; HAProxy joins lines of one name by OR, so no other ACL has one of these. */
const SWITCH_ACLS = { on: 'mirroring_on', share: 'mirroring_share', drawn: 'mirroring_drawn' } as const;

/** Names that are printed whatever is chosen, by what they are of. */
export const PRINTED_NAMES = {
  acls: [...Object.values<string>(SWITCH_ACLS), ...ANSWER_ACLS],
  proxies: ['be_servers'],
  messages: Object.values<string>(ANSWER_MESSAGES),
} as const;

/** Of how many `rand` draws; `mirroring sample` has the same without `--sample-of`. */
const SWITCH_RANGE = 100;

function sampleKeyOf(mapKey: string): string {
  return `${mapKey}.sample`;
}

/** `map_str_int` would want each value of the map to be a number; an ACL compares with no variable, so it is subtracted. */
function switchAcls(map: string, mapKey: string): string[] {
  const { on, share, drawn } = SWITCH_ACLS;
  return [
    '# The switch of "spoe-logs mirroring on" and "off".',
    `acl ${on} str(${mapKey}),map(${map}) -m str on`,
    `# The share of "spoe-logs mirroring sample 10%": less than it has to be drawn. Without its key it is ${SWITCH_RANGE}, all.`,
    `acl ${share} str(${sampleKeyOf(mapKey)}),map(${map},${SWITCH_RANGE}),add(0),set-var(txn.mirroring_sample) -m found`,
    `acl ${drawn} rand(${SWITCH_RANGE}),sub(txn.mirroring_sample) lt 0`,
  ];
}

/** Lines `acl …`, and what stands behind `if`: all of it has to hold. */
function conditions({ paths, acl, sample, map, mapKey }: SetupChoices): { acls: string[]; all: string[] } {
  const acls: string[] = [];
  const all: string[] = [];
  if (map !== undefined) {
    acls.push(...switchAcls(map, mapKey));
    all.push(...Object.values(SWITCH_ACLS));
  }
  const path = `path_beg ${paths.map(haproxyWord).join(' ')}`;
  if (paths.length > 0 && acl !== undefined) acls.push(`acl ${acl} ${path}`);
  if (paths.length > 0) all.push(acl ?? `{ ${path} }`);
  const sampled = sampleCondition(sample);
  if (sampled !== undefined) all.push(`{ ${sampled} }`);
  return { acls, all };
}

function lines(...parts: readonly (string | false | readonly string[])[]): string {
  return parts
    .flat()
    .filter((part) => part !== false)
    .map((line) => `${line}\n`)
    .join('');
}

function heading({ version }: SetupChoices): string {
  return version === undefined ? 'HAProxy 2.6 and later' : `HAProxy ${versionText(version)}`;
}

function isMux({ version }: SetupChoices): boolean {
  return version !== undefined && isSince(version, '3.1');
}

function haproxyFile(choices: SetupChoices): string {
  const { engine, group, frontend, uid, bufsize, spoeFile: file } = choices;
  const { acls, all } = conditions(choices);
  return lines(
    `# haproxy.cfg for ${heading(choices)}. Add to what you have: global, defaults, binds and be_servers are yours.`,
    'global',
    '    # One target that takes notices: SPOE lines are written once. len: the id stands at the end of a line.',
    '    log 127.0.0.1:514 len 8192 format rfc3164 local0',
    bufsize !== undefined && [
      `    # Requests up to this size can be mirrored whole; the agent has -m ${bufsize - 4}.`,
      `    tune.bufsize ${bufsize}`,
    ],
    '',
    'defaults',
    '    mode http',
    '    log global',
    '    timeout connect 5s',
    '    timeout client 30s',
    `    timeout server ${SERVER_TIMEOUT}`,
    '',
    `frontend ${frontend}`,
    '    bind :80',
    '    # Waits for the body, as far as it fits into the buffer: without it there is often none to mirror.',
    '    option http-buffer-request',
    uid && [
      '    # The id of each request: the mirror gets it as arg_uid, and the log has it as %ID.',
      `    unique-id-format ${UNIQUE_ID_FORMAT}`,
      `    log-format "${LOG_FORMAT}"`,
    ],
    !uid && '    option httplog',
    `    filter spoe engine ${engine} config ${haproxyWord(file)}`,
    group !== undefined && [
      ...acls.map((line) => `    ${line}`),
      `    http-request send-spoe-group ${engine} ${group}${all.length === 0 ? '' : ` if ${all.join(' ')}`}`,
    ],
    answerRules(choices).map((line) => `    ${line}`),
    '    default_backend be_servers',
    '',
    'backend be_servers',
    '    server app1 127.0.0.1:8080',
    '',
    ...agentsBackend(choices),
  );
}

function agentsBackend(choices: SetupChoices): (string | false | readonly string[])[] {
  const { backend, agents, answers } = choices;
  const isOld = !isMux(choices);
  const hasAnswers = answers !== undefined;
  const check = `check${hasAnswers ? ' inter 500ms fall 2 rise 2' : ''}${isOld ? ' on-marked-down shutdown-sessions' : ''}`;
  return [
    `backend ${backend}`,
    isOld ? '    mode tcp' : '    mode spop',
    '    balance roundrobin',
    `    timeout connect ${hasAnswers ? '1s' : '5s'}`,
    hasAnswers && '    timeout check 200ms',
    '    # Longer than a connection to the agent is idle.',
    '    timeout server 3m',
    '    # An agent that is down costs nothing once the check has seen it; without one, timeout processing for each request.',
    '    option spop-check',
    isOld && '    # shutdown-sessions: up to 3.0 connections to an agent that hangs are used on otherwise.',
    agents.map((address, i) => `    server agent${i + 1} ${haproxyWord(address)} ${check}`),
  ];
}

function spoeFile(choices: SetupChoices): string {
  const { engine, message, group, backend, uid, answers } = choices;
  const { processing = USUAL_PROCESSING[answers === undefined ? 'requests' : 'answers'] } = choices;
  const { acls, all } = conditions(choices);
  const isEvent = group === undefined;
  const messages = [...(isEvent ? [message] : []), ...answerEvents(choices)];
  const groups = [...(isEvent ? [] : [group]), ...answerGroups(choices)];
  return lines(
    `# The SPOE file for ${heading(choices)}, as "filter spoe" names it.`,
    '# The name of the engine, as in "filter spoe engine".',
    `[${engine}]`,
    `spoe-agent ${engine}`,
    '    # To the targets of section global: a line for each mirrored request, which spoe-logs reads.',
    '    log global',
    messages.length > 0 && `    messages ${messages.join(' ')}`,
    groups.length > 0 && `    groups ${groups.join(' ')}`,
    `    use-backend ${backend}`,
    answerAgentLines(choices, !isMux(choices)).map((line) => `    ${line}`),
    !isMux(choices) && ['    timeout hello 500ms', ...idleLines(choices)],
    answers === undefined
      ? '    # What an agent that hangs costs each client at most.'
      : '    # What an agent that hangs costs each client at most, with its request and once more with its answer.',
    `    timeout processing ${processing}`,
    '',
    `spoe-message ${message}`,
    `    args arg_method=method arg_path=url arg_ver=req.ver arg_hdrs=req.hdrs_bin arg_body=req.body${uid ? ' arg_uid=unique-id' : ''}`,
    isEvent && acls.map((line) => `    ${line}`),
    isEvent && `    event on-frontend-http-request${all.length === 0 ? '' : ` if ${all.join(' ')}`}`,
    !isEvent && ['', `spoe-group ${group}`, `    messages ${message}`],
    answerSections(choices),
  );
}

/** Up to 2.6.12 nothing else bounds an answer that is never acknowledged. */
function idleLines({ answers }: SetupChoices): string[] {
  if (answers === undefined) return ['    timeout idle 5s'];
  return [
    '    # 2.6.12 does not bound answers by timeout processing: one that is not acknowledged holds its client so long.',
    '    timeout idle 1s',
  ];
}

function mapFile({ mapKey }: SetupChoices, map: string): string {
  return lines(
    `# ${map}: mirroring is on while it says so. Through the Runtime API, without a reload:`,
    `#   set map ${map} ${mapKey} off`,
    `${mapKey} on`,
    `# The share of the requests, of ${SWITCH_RANGE}:`,
    `#   set map ${map} ${sampleKeyOf(mapKey)} 10`,
    `${sampleKeyOf(mapKey)} ${SWITCH_RANGE}`,
  );
}

function agentCommand(choices: SetupChoices): string {
  const { agents, urls, bufsize, answers } = choices;
  const mirrors = urls.map((url) => ` -u ${shellWord(url)}`).join('');
  const size = bufsize === undefined ? '' : ` -m ${bufsize - 4}`;
  const hasKey = answers !== undefined && agents.length > 1;
  const heard = answers === undefined ? '' : ` --answers ${answers}${hasKey ? ` --answers-key ${ANSWERS_KEY}` : ''}`;
  const commands = agents.map((address) => {
    const where = address.startsWith('unix@')
      ? `-a ${shellWord(`unix:${address.slice('unix@'.length)}`)}`
      : `-a ${shellWord(address.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1'))} -p ${/\d+$/.exec(address)?.[0]}`;
    return `exec spoa-mirror -r0${mirrors} -c pipelining ${where}${size}${heard} --record -`;
  });
  const [first = '', ...others] = commands;
  return lines(
    '#!/bin/sh',
    '# The agent: acknowledges at once, then sends the request to -u. --record FILE for the record of what the mirror answered.',
    hasKey && [
      "# Production's answer may come to another agent than its request did: all of them hash with one key, and a record of each is",
      '# given to one comparison.',
      `#   (umask 077 && head -c 48 /dev/urandom | base64 > ${ANSWERS_KEY})`,
    ],
    first,
    others.map((command) => `# another agent: ${command}`),
  );
}
