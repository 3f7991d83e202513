/** What GitHub's runner obeys in the output of a step, read as its ActionCommand.cs does. */

const COMMANDS = new Set([
  'add-mask',
  'add-matcher',
  'add-path',
  'debug',
  'echo',
  'endgroup',
  'error',
  'group',
  'internal-set-repo-path',
  'notice',
  'remove-matcher',
  'save-state',
  'set-env',
  'set-output',
  'stop-commands',
  'warning',
]);

export interface WorkflowCommand {
  readonly name: string;
  readonly properties: ReadonlyMap<string, string>;
  readonly data: string;
}

/** The commands of an output in their order; other lines are text. */
export function commandsOf(output: string): WorkflowCommand[] {
  return output.split(/\r\n|\n|\r/).flatMap((line) => readNew(line) ?? readOld(line) ?? []);
}

/** `::name key=value,…::data`, behind blanks as well. */
function readNew(line: string): WorkflowCommand | undefined {
  const message = line.trimStart();
  const end = message.startsWith('::') ? message.indexOf('::', 2) : -1;
  if (end < 0) return undefined;
  const decode = (text: string) => text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
  const property = (text: string) =>
    text
      .replaceAll('%0D', '\r')
      .replaceAll('%0A', '\n')
      .replaceAll('%3A', ':')
      .replaceAll('%2C', ',')
      .replaceAll('%25', '%');
  return command(message.slice(2, end), ',', property, decode(message.slice(end + 2)));
}

/** `##[name key=value;…]data`, anywhere in a line. */
function readOld(line: string): WorkflowCommand | undefined {
  const start = line.indexOf('##[');
  const end = line.indexOf(']', start);
  return start < 0 || end < 0 ? undefined : command(line.slice(start + 3, end), ';', String, line.slice(end + 1));
}

function command(
  info: string,
  separator: string,
  decode: (text: string) => string,
  data: string,
): WorkflowCommand | undefined {
  const space = info.indexOf(' ');
  const name = (space < 0 ? info : info.slice(0, space)).toLowerCase();
  if (!COMMANDS.has(name)) return undefined;
  const pairs = space < 0 ? [] : info.slice(space + 1).split(separator);
  const properties = new Map(
    pairs.flatMap((pair) => {
      const [, key, value] = /^\s*([^=]+)=(.+?)\s*$/s.exec(pair) ?? [];
      return key === undefined || value === undefined ? [] : [[key, decode(value)] as const];
    }),
  );
  return { name, properties, data };
}
