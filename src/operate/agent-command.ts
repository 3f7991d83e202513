/** The command line of an agent, ours or the C one: what of it HAProxy's configuration has to fit. */
import type { AgentCommand } from './rule.ts';

/** Of both agents. */
const USUAL_FRAME = 16_384;

/** Methods by which a request changes something. */
const MUTATING = ['POST', 'PUT', 'PATCH', 'DELETE'];
/** Headers by which a server knows who asks. */
const CREDENTIALS = ['authorization', 'cookie'];

/** Of these methods the agent mirrors requests, with the credentials of the client; none where it strips those. */
export function mutatingMethods({ methods, strippedHeaders }: AgentCommand): string[] {
  if (CREDENTIALS.every((header) => strippedHeaders.includes(header))) return [];
  return MUTATING.filter((method) => methods.length === 0 || methods.includes(method));
}

/**
 * `-m`, `--max-frame-size`, `-c`, `--capability`, `--answers`, `--methods` and `--strip-header` of
 * `spoa-mirror -r0 -m 16380 -c pipelining`, or of MIRROR_OPTIONS. Letters stand together as getopt has them: `-Dr0`. Undefined
 * where `-m` has no number.
 */
export function parseAgentCommand(text: string): AgentCommand | undefined {
  const words = text.trim().split(/\s+/);
  const capabilities: string[] = [];
  const methods: string[] = [];
  const stripped: string[] = [];
  let answers: string | undefined;
  let size: string | undefined;
  for (const [i, word] of words.entries()) {
    const [, name, value] = /^--([a-z-]+)(?:=(.*))?$/.exec(word) ?? [];
    const [, letter, rest] = /^-[Dhd]*([mc])=?(.*)$/.exec(word) ?? [];
    const given = (inline: string | undefined) => (inline === undefined || inline === '' ? words[i + 1] : inline);
    if (letter === 'm' || (name !== undefined && 'max-frame-size'.startsWith(name) && name.length > 2))
      size = given(rest ?? value) ?? '';
    else if (name === 'answers') answers = given(value) ?? '';
    else if (name === 'methods') methods.push(...(given(value) ?? '').split(','));
    else if (name === 'strip-header') stripped.push(...(given(value) ?? '').split(','));
    else if (letter === 'c' || (name !== undefined && 'capability'.startsWith(name) && name.length > 2))
      capabilities.push(given(rest ?? value) ?? '');
  }
  if (size !== undefined && !/^\d{1,10}$/.test(size)) return undefined;
  return {
    maxFrameBytes: size === undefined ? USUAL_FRAME : Number(size),
    capabilities,
    answers,
    methods: methods.map((method) => method.trim().toUpperCase()),
    strippedHeaders: stripped.map((header) => header.trim().toLowerCase()),
  };
}
