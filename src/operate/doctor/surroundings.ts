/** What the looks of the doctor share: who runs, with which arguments, and which configuration that is. */
import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';
import type { AgentArguments } from '../agent-command.ts';
import { type Configuration, readConfiguration } from '../configuration.ts';
import type { DoctorOptions } from '../doctor.ts';
import { usualConfigurations, usualPrograms } from '../places.ts';
import { isOnlyOf, listProcesses, type RunningProcess } from '../processes.ts';
import { parseRuntimeAddress, RuntimeApi } from '../runtime-api.ts';
import { parseVersion, type Version } from '../version.ts';

/** More text than `-vv` of any build has. */
const MOST_OUTPUT = 1024 * 1024;

export class Surroundings {
  readonly options: DoctorOptions;
  /** Undefined where the system does not say. */
  readonly haproxies: readonly RunningProcess[] | undefined;
  /** They are called so, and somebody else could have put their program there: neither run nor believed. */
  readonly foreign: readonly RunningProcess[];
  readonly agents: readonly RunningProcess[] | undefined;
  #build: Promise<string | undefined> | undefined;
  #configuration: Configuration | undefined;

  constructor(options: DoctorOptions) {
    this.options = options;
    const all = listProcesses((name, args) => isHaproxy(name) || isAgent(name, args));
    const haproxies = all?.filter(({ name }) => isHaproxy(name));
    const isTrusted = ({ program }: RunningProcess) =>
      program === undefined || options.uid === undefined || isOnlyOf(program, [0, options.uid]);
    const trusted = haproxies?.filter(isTrusted);
    const named = options.config.map((file) => path.resolve(options.cwd, file));
    // Where a configuration is named, others are of no concern.
    const isMeant = (each: RunningProcess) =>
      named.length === 0 || configurationOf(each).some((file) => named.includes(file));
    this.haproxies = trusted?.filter(isMeant);
    this.foreign = haproxies?.filter((each) => !isTrusted(each)) ?? [];
    this.agents = all?.filter(({ name, args }) => isAgent(name, args));
  }

  get program(): string | undefined {
    const running = this.haproxies?.find(({ program }) => program !== undefined && isExecutable(program))?.program;
    return this.options.haproxy ?? running ?? usualPrograms().find(isExecutable);
  }

  /** What `-vv` says; undefined without a program. @throws where it cannot be run */
  build(): Promise<string | undefined> {
    this.#build ??= this.program === undefined ? Promise.resolve(undefined) : this.#run(this.program, ['-vv']);
    return this.#build;
  }

  /** Of the program; undefined where it is not known. */
  async version(): Promise<Version | undefined> {
    const text = await this.build().catch(() => undefined);
    return parseVersion(/version (\S+)/.exec(text ?? '')?.[1] ?? '');
  }

  #run(program: string, args: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const limits = { timeout: this.options.timeoutMs, maxBuffer: MOST_OUTPUT };
      execFile(program, args, limits, (error, stdout) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`${program} ${args.join(' ')} cannot be run: ${error.code ?? error.message}`));
      });
    });
  }

  /** The files of -f of the processes that run, each list of them once: a master and its workers have the same. */
  get runningConfigurations(): readonly (readonly string[])[] {
    const lists = (this.haproxies ?? []).map(configurationOf);
    return [...new Map(lists.filter((files) => files.length > 0).map((files) => [files.join('\0'), files])).values()];
  }

  get configurationFiles(): readonly string[] {
    if (this.options.config.length > 0) return this.options.config;
    const [running] = this.runningConfigurations;
    if (running !== undefined) return running;
    const found = usualConfigurations().find((file) => existsSync(file));
    return found === undefined ? [] : [found];
  }

  async configuration(): Promise<Configuration> {
    this.#configuration ??= readConfiguration({
      files: this.configurationFiles,
      cwd: this.options.cwd,
      variables: this.options.env,
      version: await this.version(),
    });
    return this.#configuration;
  }

  /** The agents that run, with what they were given. */
  get agentProcesses(): readonly { readonly agent: RunningProcess; readonly given: AgentArguments }[] {
    // A title is one argument with all in it.
    const words = ({ args }: RunningProcess) => (args.length === 1 ? (args[0] ?? '').split(' ') : args);
    return (this.agents ?? []).map((agent) => ({ agent, given: this.options.readAgentArguments(words(agent)) }));
  }

  /** What they were given for an option, named as the table does; each once. */
  agentValues(name: string): string[] {
    return [...new Set(this.agentProcesses.flatMap(({ given }) => given.get(name) ?? []))];
  }

  /** Undefined where none is named; @throws OperateError */
  async runtimeApi(): Promise<RuntimeApi | undefined> {
    const text = this.options.socket ?? (await this.#statsSocket());
    return text === undefined
      ? undefined
      : new RuntimeApi(parseRuntimeAddress(text), { timeoutMs: this.options.timeoutMs });
  }

  async #statsSocket(): Promise<string | undefined> {
    const { sections } = await this.configuration();
    const all = sections.global.all('stats', 'socket').map(({ words }) => words[2] ?? '');
    return all.find((address) => address.startsWith('/') || /^(unix|ipv[46])@/.test(address) || /:\d+$/.test(address));
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isHaproxy(name: string): boolean {
  return /^(haproxy|hapee-lb)/.test(name);
}

/** Ours, the vendor's and the open-source one; not the doctor itself, nor a worker. */
function isAgent(name: string, args: readonly string[]): boolean {
  // The vendor's has a name of which the system keeps 15 characters: hapee-spoa-mirr.
  return /spoa-mirr/.test(name) && !/: worker \d+$/.test(args[0] ?? '');
}

/** The files of -f; relative names are of the folder that it works in, or that -C names. */
function configurationOf({ args, cwd }: RunningProcess): string[] {
  const at = args.indexOf('-C');
  const folder = (at < 0 ? cwd : args[at + 1]) ?? '/';
  return filesOf(args).map((file) => path.resolve(folder, file));
}

/** `-f FILE…` takes all up to the next option. */
function filesOf(args: readonly string[]): string[] {
  const files: string[] = [];
  let isFile = false;
  for (const arg of args.slice(1)) {
    if (arg.startsWith('-')) isFile = arg === '-f' || arg === '--';
    else if (isFile) files.push(arg);
  }
  return files;
}
