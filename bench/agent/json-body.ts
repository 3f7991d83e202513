/** The answer of production and mirror, for what is measured with --answers: a list of things, as an API answers it. */

/** JSON of about so many bytes, always the same. */
export function jsonBody(bytes: number): Buffer {
  const items: object[] = [];
  for (let length = 60, i = 0; length < bytes; i++) {
    const item = {
      id: 1000 + i,
      name: `item ${i}`,
      price: i / 4,
      tags: ['a', 'b'],
      stock: { count: i % 7, warehouse: 'north' },
    };
    items.push(item);
    length += JSON.stringify(item).length + 1;
  }
  return Buffer.from(JSON.stringify({ total: items.length, items }));
}

const FIELDS = [
  ['content-type', 'application/json'],
  ['cache-control', 'no-store'],
  ['x-request-id', '0f8fad5b-d9cb-469f-a165-70867728950e'],
] as const;

export function fieldsOf(body: Buffer): readonly (readonly [name: string, value: string])[] {
  return [...FIELDS, ['content-length', String(body.length)]];
}

export function jsonAnswer(body: Buffer): Buffer {
  const lines = fieldsOf(body).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${lines.join('')}\r\n`), body]);
}
