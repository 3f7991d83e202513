/**
 * One page in one file: no network, nothing but itself. Its style and its script are named by their hashes, so that a
 * browser runs nothing that a log could have brought.
 */
import { createHash } from 'node:crypto';
import type { Markup } from './markup.ts';
import { joinMarkup, markup, NO_MARKUP } from './markup.ts';

export interface Page {
  readonly title: string;
  readonly style: string;
  /** A script of ours that makes the page better; it must be readable without. */
  readonly script?: string;
  /** What a server that serves the page tells it again and again: the path of its server-sent events. */
  readonly live?: string;
  readonly sections: readonly Markup[];
}

export function htmlPage({ title, style, script, live, sections }: Page): string {
  const page = markup`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${{ markup: contentPolicy(style, script, live) }}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${{ markup: style }}</style>
</head>
<body${live === undefined ? NO_MARKUP : markup` data-live="${live}"`}>
<main>
${joinMarkup(sections.filter((section) => section !== NO_MARKUP))}
</main>
${script === undefined ? NO_MARKUP : markup`<script>${{ markup: script }}</script>`}
</body>
</html>
`;
  return page.markup;
}

function contentPolicy(style: string, script?: string, live?: string): string {
  return [
    "default-src 'none'",
    `style-src ${hashOf(style)}`,
    ...(script === undefined ? [] : [`script-src ${hashOf(script)}`]),
    ...(live === undefined ? [] : ["connect-src 'self'"]),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
