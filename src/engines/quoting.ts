/** Names and texts in SQL, whatever is in them. */

/** A name as ClickHouse takes it. */
export function quoteName(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
}

/** A text as ClickHouse takes it. */
export function quoteText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** A text as DuckDB takes it, and every other engine that knows of no backslash. */
export function quotePlainText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
