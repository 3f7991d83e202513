/** What shells offer for a command line, from tables of options: scripts for bash, zsh and fish. */
import { isFlag, type Option, type OptionTable, placeholderOf } from './option.ts';

export interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  readonly options: OptionTable;
  /** Whether arguments that are no options are files. */
  readonly takesFiles: boolean;
}

export interface CompletedProgram {
  readonly name: string;
  /** Of all commands, or of a program without any. */
  readonly options: OptionTable;
  readonly commands: readonly CompletedCommand[];
}

type Named = readonly [name: string, option: Option];

function shown(options: OptionTable): Named[] {
  return Object.entries(options).filter(([, { hidden }]) => hidden !== true);
}

/** `--format`, `-F`, as they are typed. */
function typedNames([name, { short, also }]: Named): string[] {
  return [`--${name}`, ...(also === undefined ? [] : [`--${also}`]), ...(short === undefined ? [] : [`-${short}`])];
}

/** A function of the shell for a program. */
function functionName(program: string): string {
  return `_${program.replaceAll('-', '_')}`;
}

/** In single quotes nothing is the shell's but a single quote. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Words that are looked at once more by the shell, so that nothing in them may be its own. */
function plainWords(words: readonly string[]): string {
  const odd = words.find((word) => !/^[\w.+/-]+$/.test(word));
  if (odd !== undefined) throw new Error(`${JSON.stringify(odd)} cannot be completed: a shell would read it`);
  return words.join(' ');
}

/**
 * bash 3.2 and newer, without the package bash-completion. Where a file is wanted the answer is empty, and readline's own takes
 * its place, quoted as it does (`complete -o default`).
 */
export function bashCompletion({ name, options, commands }: CompletedProgram): string {
  const self = functionName(name);
  const all = [
    { name: '', options, others: commands.length === 0 ? 'text' : 'command' },
    ...commands.map((command) => ({
      name: command.name,
      options: { ...command.options, ...options },
      others: command.takesFiles ? 'file' : 'text',
    })),
  ];
  const commandNames = plainWords(commands.map((command) => command.name));
  const valued = all.flatMap((each) =>
    shown(each.options)
      .filter(([, option]) => !isFlag(option))
      .flatMap(typedNames),
  );
  const values = [...new Set(valued)].map((typed) => `${typed}:`).join(' | ');
  return `# bash completion for ${name}. Made from the tables of options. Do not edit.

${self}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev= at=$((COMP_CWORD - 1)) command= over= kind= words= head= word i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    # What follows is a value, or the rest of one that readline takes apart.
    case \${COMP_WORDS[i - 1]}:$over in
      ${values} | =: | ::) continue ;;
    esac
    if [[ \${COMP_WORDS[i]} == -- ]]; then over=yes; fi
    case " ${commandNames} " in
      *" \${COMP_WORDS[i]} "*) [[ -n $command ]] || command=\${COMP_WORDS[i]} ;;
    esac
  done
  # Readline takes --name=MODE:FILE apart, where = and : are among its word breaks.
  if [[ $cur == [:=] ]]; then
    cur= at=$COMP_CWORD
  fi
  if [[ \${COMP_WORDS[at]} == ':' ]] && ((at >= 2)); then ((at -= 2)); fi
  if [[ \${COMP_WORDS[at]} == '=' ]] && ((at >= 1)); then ((at -= 1)); fi
  prev=\${COMP_WORDS[at]}
  if [[ -n $over ]]; then
    # Behind -- nothing is an option.
    prev=
  elif [[ $cur == --*=* ]]; then
    head=\${cur%%=*}= prev=\${cur%%=*} cur=\${cur#*=}
  fi
  case $command:$prev in
${all.flatMap((each) => bashValues(each.name, each.options)).join('\n')}
  esac
  if [[ -z $kind ]]; then
    case $command:\${over:+over}$cur in
${all.map((each) => `      ${each.name}:-*) kind=words words=${quoted(plainWords(shown(each.options).flatMap(typedNames)))} ;;`).join('\n')}
${all.map((each) => `      ${each.name}:*) kind=${each.others} ;;`).join('\n')}
    esac
  fi
  case $kind in
    file) return ;;
    text)
      compopt +o default +o bashdefault 2>/dev/null
      return
      ;;
    command) words=${quoted(commandNames)} ;;
    threshold) compopt -o nospace 2>/dev/null ;;
    list) [[ $cur == *,* ]] && head=$head\${cur%,*}, cur=\${cur##*,} ;;
  esac
  while IFS= read -r word; do
    COMPREPLY+=("$head$word")
  done < <(compgen -W "$words" -- "$cur")
}

complete -o bashdefault -o default -F ${self} ${name}
`;
}

/** What follows each option, those with the same answer together. */
function bashValues(command: string, options: OptionTable): string[] {
  const patterns = new Map<string, string[]>();
  for (const named of shown(options)) {
    const [, option] = named;
    if (isFlag(option)) continue;
    const { kind } = option;
    const answer =
      kind.words !== undefined
        ? `kind=${bashKind(option)} words=${quoted(plainWords(kind.words))}`
        : `kind=${kind.name === 'file' ? 'file' : 'text'}`;
    const before = patterns.get(answer) ?? [];
    patterns.set(answer, [...before, ...typedNames(named).map((typed) => `${command}:${typed}`)]);
  }
  return [...patterns].map(([answer, those]) => `    ${those.join(' | ')}) ${answer} ;;`);
}

function bashKind({ kind }: Option): string {
  if (kind.name === 'threshold') return 'threshold';
  return kind.isList === true ? 'list' : 'words';
}

export function zshCompletion({ name, options, commands }: CompletedProgram): string {
  const self = functionName(name);
  const head = `#compdef ${name}\n# zsh completion for ${name}. Made from the tables of options. Do not edit.\n`;
  const own = shown(options).map(zshOption);
  if (commands.length === 0) return `${head}\n_arguments -s -S \\\n  ${own.join(' \\\n  ')}\n`;
  return `${head}
${self}() {
  local curcontext=$curcontext state line
  local -a commands
  typeset -A opt_args
  commands=(
${commands.map((command) => `    ${quoted(`${command.name}:${escapeZsh(command.summary)}`)}`).join('\n')}
  )
  _arguments -C -S \\
    ${own.join(' \\\n    ')} \\
    '1:command:->command' \\
    '*::argument:->argument'
  case $state in
    command) _describe -t commands ${quoted(`${name} command`)} commands ;;
    argument)
      case $line[1] in
${commands.map((command) => zshCommand(command, own)).join('\n')}
      esac
      ;;
  esac
}

${self} "$@"
`;
}

function zshCommand({ name, options, takesFiles }: CompletedCommand, own: readonly string[]): string {
  const specs = [...shown(options).map(zshOption), ...own, ...(takesFiles ? ["'*:file:_files'"] : [])];
  return `        ${name})\n          _arguments -S \\\n            ${specs.join(' \\\n            ')}\n          ;;`;
}

/** `'--format=[how the summary is written]:FORMAT:(table json)'`. */
function zshOption(named: Named): string {
  const [name, option] = named;
  const value = isFlag(option) ? '' : `:${escapeZsh(placeholderOf(option))}:${zshAction(option)}`;
  const rest = quoted(`[${escapeZsh(option.help)}]${value}`);
  const forms = typedNames(named).map((typed) => {
    if (isFlag(option)) return typed;
    return typed.startsWith('--') ? `${typed}=` : `${typed}+`;
  });
  if (option.repeatable === true)
    return forms.length === 1 ? `'*'${forms[0]}${rest}` : `'*'{${forms.join(',')}}${rest}`;
  return forms.length === 1
    ? `--${name}${isFlag(option) ? '' : '='}${rest}`
    : `${quoted(`(${typedNames(named).join(' ')})`)}{${forms.join(',')}}${rest}`;
}

function zshAction(option: Option): string {
  const { kind } = option;
  if (kind.name === 'file') return '_files';
  if (kind.words === undefined) return ' ';
  const words = plainWords(kind.words);
  return kind.isList === true ? `_values -s , ${placeholderOf(option)} ${words}` : `(${words})`;
}

/** A text in a specification of _arguments. */
function escapeZsh(text: string): string {
  return text.replace(/[\\[\]:]/g, '\\$&');
}

export function fishCompletion({ name, options, commands }: CompletedProgram): string {
  const names = plainWords(commands.map((command) => command.name));
  const line = (...words: string[]) => ['complete', '-c', name, ...words].join(' ');
  const none = `-n 'not __fish_seen_subcommand_from ${names}'`;
  return [
    `# fish completion for ${name}. Made from the tables of options. Do not edit.`,
    line('-f'),
    ...commands.map((command) => line(none, '-a', command.name, '-d', fishText(command.summary))),
    ...shown(options).map((named) => line(...fishOption(named))),
    ...commands.flatMap((command) => {
      const seen = `-n '__fish_seen_subcommand_from ${command.name}'`;
      return [
        ...(command.takesFiles ? [line(seen, '-F')] : []),
        ...shown(command.options).map((named) => line(seen, ...fishOption(named))),
      ];
    }),
    '',
  ].join('\n');
}

function fishOption([name, option]: Named): string[] {
  const { kind, short, also, help } = option;
  const value = () => {
    if (isFlag(option)) return [];
    if (kind.name === 'file') return ['-r', '-F'];
    if (kind.words === undefined) return ['-x'];
    const words = plainWords(kind.words);
    return ['-x', '-a', kind.isList === true ? fishText(`(__fish_append , ${words})`) : fishText(words)];
  };
  const letter = short === undefined ? [] : ['-s', short];
  return [...letter, '-l', name, ...(also === undefined ? [] : ['-l', also]), ...value(), '-d', fishText(help)];
}

/** In single quotes only these two are the shell's. */
function fishText(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
