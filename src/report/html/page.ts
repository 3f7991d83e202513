/**
 * One page in one file: no network, nothing but itself. Its style and its script are named by their hashes, so that a
 * browser runs nothing that a log could have brought. Where a server serves it, it may ask that server, and nobody else.
 */
import { createHash } from 'node:crypto';
import type { Markup } from './markup.ts';
import { joinMarkup, markup, NO_MARKUP } from './markup.ts';

/** How a server keeps a page up to date. */
export interface LivePage {
  /** The address of its server-sent events, relative. */
  readonly events: string;
  /** Which of the versions in these events is that of this page, and the one it shows. */
  readonly name: string;
  readonly version: string;
  /** All pages of the server: relative addresses, and what they are called. */
  readonly links: readonly (readonly [href: string, text: string])[];
}

/** A part of a page. Its id stays the same from one report to the next, so that it can be replaced by its new one. */
export interface PageSection {
  readonly id: string;
  /** Empty where there is nothing to say now. */
  readonly html: string;
}

export interface Page {
  readonly title: string;
  readonly style: string;
  /** A script of ours that makes the page better; it must be readable without. */
  readonly script?: string;
  readonly live?: LivePage | undefined;
  readonly sections: readonly PageSection[];
}

export function htmlPage({ title, style, script, live, sections }: Page): string {
  const page = markup`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${{ markup: contentPolicy(style, script, live !== undefined) }}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
${live === undefined ? NO_MARKUP : RELOAD}<title>${title}</title>
<style>${{ markup: style }}</style>
</head>
<body${live === undefined ? NO_MARKUP : bodyData(live)}>
${live === undefined ? NO_MARKUP : navigation(live)}<main>
${joinMarkup(sections.map(({ html }) => ({ markup: html })))}
</main>
${script === undefined ? NO_MARKUP : markup`<script>${{ markup: script }}</script>`}
</body>
</html>
`;
  return page.markup;
}

export function pageSection(id: string, content: Markup): PageSection {
  return { id, html: markup`<div class="part" id="${id}">${content}</div>`.markup };
}

/** The policy of a page, also for the header of a server that serves it. */
export function contentPolicy(style: string, script?: string, isLive = false): string {
  return [
    "default-src 'none'",
    `style-src ${hashOf(style)}`,
    ...(script === undefined ? [] : [`script-src ${hashOf(script)}`]),
    ...(isLive ? ["connect-src 'self'"] : []),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** A browser without script reads the page anew. */
const RELOAD = markup`<noscript><meta http-equiv="refresh" content="10"></noscript>
`;

function bodyData({ events, name, version }: LivePage): Markup {
  return markup` data-live="${events}" data-page="${name}" data-version="${version}"`;
}

function navigation({ links, name }: LivePage): Markup {
  const items = links.map(([href, text]) =>
    text === name ? markup`<a href="${href}" aria-current="page">${text}</a>` : markup`<a href="${href}">${text}</a>`,
  );
  return markup`<nav aria-label="Pages">${items}<span id="live-state" role="status"></span></nav>
`;
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
