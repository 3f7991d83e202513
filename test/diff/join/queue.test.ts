import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Queue, type Queued } from '../../../src/diff/join/queue.ts';

interface Element extends Queued<Element> {
  readonly number: number;
}

test('elements leave from anywhere, and the others keep their order', () => {
  const property = fc.property(fc.array(fc.option(fc.nat(30))), (steps) => {
    const queue = new Queue<Element>();
    const elements: Element[] = [];
    let model: Element[] = [];
    for (const step of steps) {
      const leaving = step === null ? undefined : model[step % Math.max(1, model.length)];
      if (leaving === undefined) {
        const element = { number: elements.length, before: undefined, after: undefined };
        elements.push(element);
        model.push(element);
        queue.add(element);
      } else {
        model = model.filter((element) => element !== leaving);
        queue.remove(leaving);
      }
      assert.deepEqual(
        [...queue].map(({ number }) => number),
        model.map(({ number }) => number),
      );
      assert.equal(queue.size, model.length);
      assert.equal(queue.first, model[0]);
    }
  });
  fc.assert(property);
});
