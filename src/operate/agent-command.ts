/** The command line of an agent, ours or the C one: how it is split, and what of it HAProxy's configuration has to fit. */
import type { AgentCommand } from './rule.ts';

/** What each option was given, as it was written, by its long name; a flag is an empty text. */
export type AgentArguments = ReadonlyMap<string, readonly string[]>;

/** Reads arguments by the agent's own table of options, which programs know; words that are no options are passed over. */
export type ReadAgentArguments = (args: readonly string[]) => AgentArguments;

/** Of both agents. */
const USUAL_FRAME = 16_384;

/** Methods by which a request changes something. */
const MUTATING = ['POST', 'PUT', 'PATCH', 'DELETE'];
/** Headers by which a server knows who asks. */
const CREDENTIALS = ['authorization', 'cookie'];

/** The words of `spoa-mirror -r0 --set-header "X-From: production"`, or of MIRROR_OPTIONS: quotes hold blanks together. */
export function splitAgentCommand(text: string): string[] {
  const words = text.match(/(?:"[^"]*"|'[^']*'|\S)+/g) ?? [];
  return words.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'));
}

/** `-m`, `-c`, `--answers`, `--answers-key`, `--mark`, `--methods` and `--strip-header`, by whatever name. Undefined where `-m` has no number. */
export function fittedOptions(given: AgentArguments): AgentCommand | undefined {
  const size = given.get('max-frame-size')?.at(-1);
  if (size !== undefined && !/^\d{1,10}$/.test(size)) return undefined;
  return {
    maxFrameBytes: size === undefined ? USUAL_FRAME : Number(size),
    capabilities: given.get('capability') ?? [],
    answers: given.get('answers')?.at(-1),
    hasAnswersKey: given.has('answers-key'),
    isMarked: given.has('mark'),
    methods: listOf(given, 'methods').map((method) => method.toUpperCase()),
    strippedHeaders: listOf(given, 'strip-header').map((header) => header.toLowerCase()),
  };
}

/** Of an option that takes several with commas between them, and may be repeated. */
function listOf(given: AgentArguments, name: string): string[] {
  return (given.get(name) ?? []).flatMap((list) => list.split(',')).map((each) => each.trim());
}

/** Of these methods the agent mirrors requests, with the credentials of the client; none where it strips those, or marks requests as copies. */
export function mutatingMethods({ methods, strippedHeaders, isMarked }: AgentCommand): string[] {
  if (isMarked || CREDENTIALS.every((header) => strippedHeaders.includes(header))) return [];
  return MUTATING.filter((method) => methods.length === 0 || methods.includes(method));
}
