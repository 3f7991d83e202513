/**
 * Variables as HAProxy would have them if it was started here. One that is not set here may be set where HAProxy runs: its value
 * is not known, unless the configuration itself sets or unsets it.
 */
export type Variables = { readonly [name: string]: string | undefined };

export class Environment {
  readonly #outside: Variables;
  /** What `setenv` and the others of section global made of it; undefined: unset. */
  readonly #inside = new Map<string, string | undefined>();
  readonly #forgotten = new Set<string>();
  readonly #place = new Map<string, string>();
  /** After `resetenv` nothing of outside is left but these. */
  #kept: readonly string[] | undefined;

  /** @param outside the environment of this process, and what a version of HAProxy sets by itself */
  constructor(outside: Variables) {
    this.#outside = outside;
  }

  /** Undefined where it is not known. `fallback`: of `${NAME-fallback}`. */
  value(name: string, fallback: string | undefined): string | undefined {
    const place = this.#place.get(name);
    if (place !== undefined) return place;
    const isDefined = this.isDefined(name);
    if (isDefined === true) return this.#inside.get(name) ?? this.#outside[name] ?? '';
    if (isDefined === false) return fallback ?? '';
    // With a fallback that is what the line says, wherever it is read.
    return this.#forgotten.has(name) ? undefined : fallback;
  }

  /** Undefined where it is not known. */
  isDefined(name: string): boolean | undefined {
    if (this.#forgotten.has(name)) return undefined;
    if (this.#inside.has(name)) return this.#inside.get(name) !== undefined;
    if (this.#kept !== undefined && !this.#kept.includes(name)) return false;
    return this.#outside[name] === undefined ? undefined : true;
  }

  /** `.FILE`, `.LINE`, `.SECTION`. */
  setPlace(file: string, line: number, section: string): void {
    this.#place.set('.FILE', file).set('.LINE', String(line)).set('.SECTION', section);
  }

  /** `setenv NAME VALUE`, `presetenv NAME VALUE`, `unsetenv NAME..`, `resetenv [NAME..]`; `isCertain`: of a line that is read for sure. */
  apply(words: readonly string[], isCertain: boolean): void {
    const [keyword, name = '', value = ''] = words;
    if (keyword === 'setenv') this.#set(name, value, isCertain);
    else if (keyword === 'presetenv' && this.isDefined(name) !== true)
      this.#set(name, value, isCertain && this.isDefined(name) === false);
    else if (keyword === 'unsetenv') for (const each of words.slice(1)) this.#set(each, undefined, isCertain);
    else if (keyword === 'resetenv' && isCertain) this.#kept = words.slice(1);
  }

  #set(name: string, value: string | undefined, isCertain: boolean): void {
    if (isCertain) this.#forgotten.delete(name);
    else this.#forgotten.add(name);
    this.#inside.set(name, value);
  }
}
