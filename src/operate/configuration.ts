/**
 * HAProxy's configuration as it reads it: haproxy.cfg, in one file or several, and the SPOE files that its filters name.
 * What only HAProxy can know (a variable that is not set here, a condition about its build) is kept as not known.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Circumstances } from './configuration/condition.ts';
import {
  type Engine,
  isFilter,
  isSpoe,
  makeEngine,
  makeLooseEngines,
  readFilter,
  readSpoeFile,
  type SpoeFile,
} from './configuration/engines.ts';
import { Environment, type Variables } from './configuration/environment.ts';
import { ConfigurationError, LARGEST_BYTES, listFiles, readText, tooLarge } from './configuration/files.ts';
import { readSections, type Sections } from './configuration/sections.ts';
import {
  beginsWith,
  knownWord,
  type Place,
  type Refusal,
  readStatements,
  type Statement,
  type Statements,
  type Undecided,
} from './configuration/statements.ts';
import { isSince, type Version, versionText } from './version.ts';

export interface ReadOptions {
  /** haproxy.cfg, folders of such, and SPOE files, in the order in which HAProxy gets them. */
  readonly files: readonly string[];
  /** For relative names. */
  readonly cwd: string;
  readonly variables: Variables;
  readonly version?: Version | undefined;
}

/** Why something of the input was not read. */
export interface InputProblem {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

export interface Configuration {
  /** What was read, as it was named. */
  readonly files: readonly string[];
  readonly sections: Sections;
  readonly engines: readonly Engine[];
  /** SPOE files, each once. */
  readonly spoeFiles: readonly SpoeFile[];
  readonly refusals: readonly Refusal[];
  readonly undecided: readonly Undecided[];
  /** SPOE files in a folder that was named: `haproxy -f FOLDER` takes them for a haproxy.cfg. */
  readonly misplaced: readonly SpoeFile[];
  readonly problems: readonly InputProblem[];
  /** Where HAProxy looks for a file that a line names. */
  readonly placesOf: (name: string, at: Place) => readonly string[];
  /** Whether there is a haproxy.cfg, or an SPOE file alone. */
  readonly hasHaproxy: boolean;
}

/** More filters are made by no hand, and every one is an engine to be looked at. */
const MOST_ENGINES = 500;

/** Never throws: what cannot be read is in `problems`. */
export function readConfiguration(options: ReadOptions): Configuration {
  return new ConfigurationReader(options).read();
}

class ConfigurationReader {
  readonly #options: ReadOptions;
  readonly #circumstances: Circumstances;
  readonly #problems: InputProblem[] = [];
  readonly #files: string[] = [];
  /** How much of all files, which have one bound together. */
  #read = 0;
  readonly #refusals: Refusal[] = [];
  readonly #undecided: Undecided[] = [];
  /** By absolute path; undefined for one that cannot be read. */
  readonly #spoeFiles = new Map<string, SpoeFile | undefined>();
  /** SPOE files that were named beside haproxy.cfg. */
  readonly #given = new Map<string, SpoeFile>();
  /** `default-path` of haproxy.cfg. */
  #defaultPath: Statement | undefined;

  constructor(options: ReadOptions) {
    this.#options = options;
    const { variables, version } = options;
    const branch = version !== undefined && isSince(version, '3.0') ? versionText({ ...version, patch: 0 }) : undefined;
    const own = branch === undefined ? {} : { HAPROXY_BRANCH: branch.replace(/\.0$/, '') };
    this.#circumstances = { environment: new Environment({ ...variables, ...own }), version };
  }

  read(): Configuration {
    const haproxy: (readonly Statement[])[] = [];
    const misplaced: SpoeFile[] = [];
    for (const file of this.#listFiles()) {
      const statements = this.#readFile(path.resolve(this.#options.cwd, file), file);
      if (statements === undefined) continue;
      if (!isSpoe(statements)) {
        haproxy.push(statements.statements);
        continue;
      }
      const spoe = readSpoeFile(file, statements);
      this.#given.set(path.resolve(this.#options.cwd, file), spoe);
      if (!this.#options.files.includes(file)) misplaced.push(spoe);
    }
    const sections = readSections(haproxy);
    this.#defaultPath = sections.global.last('default-path').statement;
    const engines = this.#readEngines(sections);
    const spoeFiles = new Set([...this.#given.values(), ...this.#spoeFiles.values()]);
    return {
      files: this.#files,
      sections,
      engines,
      spoeFiles: [...spoeFiles].filter((file) => file !== undefined),
      refusals: this.#refusals,
      undecided: this.#undecided,
      misplaced,
      problems: this.#problems,
      placesOf: (name, at) => this.#placesOf(name, at),
      hasHaproxy: haproxy.length > 0,
    };
  }

  #listFiles(): string[] {
    return this.#options.files.flatMap((named) => {
      try {
        return listFiles(named, this.#options.cwd);
      } catch (error) {
        this.#report(error);
        return [];
      }
    });
  }

  /** Undefined, and reported, where it cannot be read. */
  #readFile(absolute: string, shown: string, place = shown): Statements | undefined {
    try {
      const text = readText(absolute, place, LARGEST_BYTES.haproxy - this.#read);
      this.#read += text.length;
      const statements = readStatements(shown, text, this.#circumstances);
      if (isSpoe(statements) && text.length > LARGEST_BYTES.spoe) throw tooLarge(place, LARGEST_BYTES.spoe);
      this.#files.push(shown);
      this.#refusals.push(...statements.refusals);
      this.#undecided.push(...statements.undecided);
      return statements;
    } catch (error) {
      this.#report(error, place === shown ? undefined : 'name it behind haproxy.cfg: config check haproxy.cfg FILE');
      return undefined;
    }
  }

  #report(error: unknown, hint?: string): void {
    if (!(error instanceof ConfigurationError)) throw error;
    const { code, message } = error;
    this.#problems.push({ code, message, hint: code === 'not-found' ? (hint ?? error.hint) : error.hint });
  }

  #readEngines({ proxies }: Sections): Engine[] {
    const filters = proxies.flatMap((proxy) => proxy.own.filter(isFilter).map((filter) => ({ proxy, filter })));
    if (filters.length > MOST_ENGINES) {
      const message = `more than ${MOST_ENGINES} "filter spoe" lines: the others are not looked at`;
      this.#problems.push({ code: 'too-many-engines', message });
    }
    const looked = filters.slice(0, MOST_ENGINES);
    const given = this.#matchGiven(looked.map(({ filter }) => filter));
    const engines = looked.map(({ proxy, filter }) => makeEngine(proxy, filter, this.#spoeFileOf(filter, given)));
    const used = new Set(engines.map(({ file }) => file));
    const loose = [...this.#given.values()].filter((file) => !used.has(file));
    return [...engines, ...loose.flatMap(makeLooseEngines)];
  }

  /**
   * Which of the SPOE files that were named stands for which `config FILE` of a filter: by its path, by its name (it is checked on
   * another machine), or because there is only one of both.
   */
  #matchGiven(filters: readonly Statement[]): ReadonlyMap<string, SpoeFile> {
    const matched = new Map<string, SpoeFile>();
    const left = new Map(this.#given);
    const configs = new Map(filters.map((filter) => [readFilter(filter).config ?? '', filter]));
    const take = (config: string, absolute: string | undefined) => {
      const file = absolute === undefined ? undefined : left.get(absolute);
      if (absolute === undefined || file === undefined || matched.has(config)) return;
      matched.set(config, file);
      left.delete(absolute);
    };
    for (const [config, filter] of configs)
      take(
        config,
        this.#placesOf(config, filter).find((place) => left.has(place)),
      );
    for (const config of configs.keys())
      take(
        config,
        [...left.keys()].find((absolute) => path.basename(absolute) === path.basename(config)),
      );
    const unmatched = [...configs.keys()].filter((config) => !matched.has(config));
    if (unmatched.length === 1 && left.size === 1) take(unmatched[0] as string, [...left.keys()][0]);
    return matched;
  }

  #spoeFileOf(filter: Statement, given: ReadonlyMap<string, SpoeFile>): SpoeFile | undefined {
    const { config } = readFilter(filter);
    const named = given.get(config ?? '');
    if (named !== undefined || config === undefined) return named;
    const places = this.#placesOf(config, filter);
    return this.#readSpoe(places.find((place) => existsSync(place)) ?? (places[0] as string), config, filter);
  }

  #readSpoe(absolute: string, config: string, filter: Statement): SpoeFile | undefined {
    if (this.#spoeFiles.has(absolute)) return this.#spoeFiles.get(absolute);
    // As seen from here where it lies here: annotations of a repository take no other paths.
    const relative = path.relative(this.#options.cwd, absolute);
    const shown = relative.startsWith('..') && path.isAbsolute(config) ? config : relative;
    const statements = this.#readFile(absolute, shown, `${config}, which ${filter.file}:${filter.line} names`);
    const file = statements && readSpoeFile(shown, statements);
    this.#spoeFiles.set(absolute, file);
    return file;
  }

  /**
   * Where HAProxy looks for it: `default-path`, else where it was started. As that is not known, here, and beside haproxy.cfg.
   */
  #placesOf(config: string, filter: Place): string[] {
    const { cwd } = this.#options;
    if (path.isAbsolute(config)) return [config];
    const folder = path.dirname(path.resolve(cwd, filter.file));
    const decides = this.#defaultPath;
    if (decides !== undefined && beginsWith(decides, ['default-path', 'config'])) return [path.resolve(folder, config)];
    if (decides !== undefined && beginsWith(decides, ['default-path', 'parent']))
      return [path.resolve(folder, '..', config)];
    const origin = decides !== undefined && beginsWith(decides, ['default-path', 'origin']) && knownWord(decides, 2);
    if (typeof origin === 'string') return [path.resolve(cwd, origin, config)];
    return [path.resolve(cwd, config), path.resolve(folder, config)];
  }
}
