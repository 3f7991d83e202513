/**
 * Text from a log is hostile: an agent name may hold terminal commands, a client's header may end in a cell.
 * Every renderer passes such text through one of these functions.
 */

import { escapeTerminal } from '../text/terminal.ts';

/** Escapes text that stays on one line but has no other bound: ASCII only, `?` for the rest. */
export function escapeToAscii(text: string): string {
  return escapeTerminal(text)
    .replaceAll('…', '...')
    .replaceAll('→', '->')
    .replaceAll(/[\u2013\u2014]/g, '-')
    .replaceAll('≥', '>=')
    .replaceAll('≤', '<=')
    .replaceAll(/[\u0080-\u{10ffff}]/gu, '?');
}

/** The marks that start a list when they stand first in a line. */
const LIST_START = /^( *)([-+]|\d{1,9}[.)])(?= |$)/;
/**
 * The characters that GitHub, GitLab and chats turn into a mention, a reference or a link after they have dealt with
 * backslashes. Where one would begin it is broken by a character without width, so that a reader sees the same text.
 */
const LINKED = /@|[#!$%](?=[\w\\])|&amp;(?=\d)|GH-(?=\d)|:(?=\/\/)|www(?=\.)/gi;

/**
 * Text for a Markdown table cell, list item or paragraph: no character of it is taken as markup, HTML or a cell border,
 * no one is mentioned, nothing is linked or referenced.
 */
export function escapeMarkdown(text: string): string {
  return escapeTerminal(text)
    .replaceAll(/[\\|`*_[\]#~]/g, '\\$&')
    .replace(LIST_START, (_, indent: string, marker: string) => `${indent}${marker.slice(0, -1)}\\${marker.slice(-1)}`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(LINKED, '$&&#8203;');
}

/** A first character that makes a spreadsheet run the cell as a formula. */
const FORMULA_START = /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/u;

/** One text cell of RFC 4180 CSV; a leading `'` keeps a spreadsheet from running it. Not for numbers. */
export function escapeCsv(text: string): string {
  const safe = (FORMULA_START.test(text) ? "'" : '') + escapeTerminal(text);
  return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
