/**
 * HTML and XML that cannot be broken by what is put into it: the tag `markup` escapes every value that is not markup
 * itself, so that no renderer can forget to. Values belong in text and in quoted attributes, nowhere else.
 */
import { escapeTerminal } from '../../text/terminal.ts';

export interface Markup {
  readonly markup: string;
}

export type MarkupValue = string | number | Markup | readonly Markup[];

/** The template's own text as it is, its values escaped. */
export function markup(template: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  let text = template[0] ?? '';
  for (const [i, value] of values.entries()) text += markupText(value) + (template[i + 1] ?? '');
  return { markup: text };
}

function markupText(value: MarkupValue): string {
  if (typeof value === 'string') return escapeMarkup(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '-';
  return 'markup' in value ? value.markup : value.map((each) => each.markup).join('');
}

export const NO_MARKUP: Markup = { markup: '' };

export function joinMarkup(parts: readonly Markup[], separator = '\n'): Markup {
  return { markup: parts.map((part) => part.markup).join(separator) };
}

const ENTITIES: { readonly [character: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Controls become visible, as XML 1.0 forbids most of them; so do the two characters that it forbids besides. */
function escapeMarkup(text: string): string {
  return escapeTerminal(text)
    .replaceAll('\ufffe', '\\ufffe')
    .replaceAll('\uffff', '\\uffff')
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
