/**
 * Workflow commands of GitHub Actions: lines of a job's output that its runner obeys. It obeys `::command …::` at the
 * beginning of a line, behind blanks as well, and `##[command …]` anywhere in a line that holds none of the first.
 */
import { escapeTerminal } from '../text/terminal.ts';
import { truncate } from './width.ts';

export type AnnotationLevel = 'error' | 'warning' | 'notice';

export interface Annotation {
  readonly level: AnnotationLevel;
  /** What is shown in bold; unescaped. */
  readonly title: string;
  /** Each a line; unescaped. */
  readonly lines: readonly string[];
  /** Where it belongs to a line of a file; unescaped, the line from 1. */
  readonly place?: { readonly file: string; readonly line: number };
}

/** So many of each level are shown of one step; the runner drops the others without a word. */
export const MOST_ANNOTATIONS = 10;

/** The runner cuts a message at 4,096 characters, GitHub a title at 255. */
const LONGEST_TITLE = 120;
const LONGEST_LINE = 500;
const MOST_LINES = 6;

/** One line that ends in a newline: `::error title=T::message`. */
export function renderAnnotation({ level, title, lines, place }: Annotation): string {
  const at = place === undefined ? '' : `file=${property(place.file)},line=${place.line},`;
  const message = lines.slice(0, MOST_LINES).map((line) => data(truncate(line, LONGEST_LINE)));
  return `::${level} ${at}title=${property(truncate(title, LONGEST_TITLE))}::${message.join('%0A')}\n`;
}

/** As @actions/core escapes it; controls would move the cursor of who reads the log of the job, so they are shown. */
function data(text: string): string {
  return escapeTerminal(text).replaceAll('%', '%25');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
