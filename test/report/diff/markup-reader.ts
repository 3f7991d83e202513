/** A strict reader of XML and of HTML as we write it: anything sloppy is an error, nothing is repaired. */
import assert from 'node:assert/strict';

export interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
}

export interface Document {
  readonly elements: readonly Element[];
  /** Start tags, attribute names and end tags in their order: what hostile text must not be able to change. */
  readonly structure: string;
  readonly text: string;
}

const TOKEN =
  /<!DOCTYPE html>|<\?xml version="1\.0" encoding="UTF-8"\?>|<(\/?)([a-zA-Z][a-zA-Z0-9-]*)((?: [a-zA-Z][a-zA-Z0-9:-]*="[^"<]*"| open)*)(\/?)>|([^<]+)/gy;
const ATTRIBUTE = / ([a-zA-Z][a-zA-Z0-9:-]*)(?:="([^"]*)")?/g;
const ENTITY = /&(amp|lt|gt|quot|#39);/g;
const CHARACTERS: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
/** XML 1.0, section 2.2: what a document may hold. */
const ALLOWED = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;

export function readMarkup(source: string, voids: readonly string[] = []): Document {
  assert.match(source, ALLOWED);
  const elements: Element[] = [];
  const open: string[] = [];
  const structure: string[] = [];
  let text = '';
  let end = 0;
  for (const match of source.matchAll(TOKEN)) {
    end = match.index + match[0].length;
    const [, closing, name, attributes = '', selfClosing, characters] = match;
    if (characters !== undefined) {
      text += open.at(-1) === 'style' ? '' : decode(characters);
      continue;
    }
    if (name === undefined) continue;
    if (closing === '/') {
      assert.equal(open.pop(), name);
      structure.push(`/${name}`);
      continue;
    }
    const element = { name, attributes: readAttributes(attributes) };
    elements.push(element);
    structure.push(`${name}(${[...element.attributes.keys()].join(' ')})`);
    if (selfClosing !== '/' && !voids.includes(name)) open.push(name);
  }
  assert.equal(end, source.length, `not markup: ${source.slice(end, end + 80)}`);
  assert.deepEqual(open, []);
  return { elements, structure: structure.join('\n'), text };
}

function readAttributes(text: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name = '', value = ''] of text.matchAll(ATTRIBUTE)) {
    assert.ok(!attributes.has(name), `${name} twice`);
    attributes.set(name, decode(value));
  }
  return attributes;
}

/** An ampersand that begins none of our entities is an error too. */
function decode(text: string): string {
  assert.doesNotMatch(text.replaceAll(ENTITY, ''), /&/);
  return text.replaceAll(ENTITY, (_, name: string) => CHARACTERS[name] ?? '');
}
