/** How the kinds of differences are called: in a table, and in a sentence behind the place. */
import type { DifferenceKind } from '../answers/differences.ts';

export const DIFFERENCE_WORDS: {
  readonly [kind in DifferenceKind]: { readonly phrase: string; readonly sentence: string };
} = {
  status: { phrase: 'another status', sentence: 'changed' },
  missing: { phrase: 'missing', sentence: 'is missing' },
  extra: { phrase: 'only on the mirror', sentence: 'is new' },
  type: { phrase: 'another type', sentence: 'changed' },
  value: { phrase: 'another value', sentence: 'has another value' },
  order: { phrase: 'another order', sentence: 'is in another order' },
  count: { phrase: 'another number of them', sentence: 'is there another number of times' },
  attributes: { phrase: 'other names or attributes', sentence: 'has another name or other attributes' },
  length: { phrase: 'another length', sentence: 'has another length' },
  'content-type': { phrase: 'another content type', sentence: 'changed' },
  'body-state': { phrase: 'another kind of body', sentence: 'changed' },
};
